// Shows the OpenAPI document. Requests cannot be tried out: the page only loads the document. Swagger UI would
// generate an example of each body, including a dose, so the page shows the fields instead.
const page = document.getElementById("swagger-ui");
const nothing = () => () => null;

const Reading = ({ React }) => ({
  components: {
    ReadingLayout: ({ getComponent, specSelectors }) => {
      const show = (name, props, connected) => React.createElement(getComponent(name, connected), props);
      const description = specSelectors.info().get("description");
      return React.createElement(
        "div", { className: "swagger-ui" },
        show("SvgAssets"),
        show("errors", {}, true),
        description && React.createElement("div", { className: "info" }, show("Markdown", { source: description }, true)),
        description && show("operations", {}, true),
      );
    },
  },
  wrapComponents: {
    modelExample: () => (props) => {
      const expandDepth = props.specPath.includes("application/problem+json") ? 0 : 2;
      return React.createElement(props.getComponent("ModelWrapper"), { ...props, expandDepth });
    },
    authorizeOperationBtn: nothing,
    CopyToClipboardBtn: nothing,
  },
});

// One section is open at a time: Swagger UI loses sections when it shows more than about 115 operations at once.
const OneSection = {
  statePlugins: {
    layout: {
      wrapActions: {
        show: (show, system) => (what, isShown = true) => {
          if (what[0] === "operations-tag" && isShown) {
            for (const tag of system.specSelectors.taggedOperations().keySeq()) show(["operations-tag", tag], false);
          }
          return show(what, isShown);
        },
      },
    },
  },
};

SwaggerUIBundle({
  domNode: page,
  url: page.dataset.url,
  plugins: [Reading, OneSection],
  layout: "ReadingLayout",
  supportedSubmitMethods: [],
  docExpansion: "none",
  showExtensions: true,
});
