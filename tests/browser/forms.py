"""Every form of a page guards its typed text: leaving asks, and the script sends the form."""

# Forms without inputs only have to be sent by the script.
FORMS = """() => {
  const asks = () => !window.dispatchEvent(new Event("beforeunload", {cancelable: true}));
  const shown = (field) => !["hidden", "password", "submit", "file"].includes(field.type) && !field.readOnly;
  const type = (field) => {
    if (field.type === "checkbox" || field.type === "radio") field.checked = !field.checked;
    else if (field.options) field.selectedIndex = (field.selectedIndex + 1) % field.options.length;
    else field.value = {date: "2027-05-04", time: "10:10", number: "7"}[field.type] ?? `${field.value}x`;
    field.dispatchEvent(new Event("input", {bubbles: true}));
  };
  const faults = [];
  const forms = [...document.querySelectorAll("main form[method=post]:not([role=search])")];
  if (asks()) faults.push("asks although nothing was typed");
  for (const form of forms) {
    const name = form.getAttribute("action") || form.id;
    // Saves by itself; and the ticks in a list of the admin site are not text.
    if (form.closest("#workbench") || form.id === "changelist-form") continue;
    const fields = [...form.elements].filter((field) => field.matches("input, select, textarea") && shown(field));
    for (const field of fields.filter((each) => !each.options || each.options.length > 1)) {
      type(field);
      if (!asks()) faults.push(`${name}: does not ask about ${field.name}`);
      form.reset();
    }
    if (asks()) faults.push(`${name}: asks after it was reset`);
    const event = new SubmitEvent("submit", {bubbles: true, cancelable: true});
    form.dataset.sending = "yes";  // so that it is not sent here
    if (form.dispatchEvent(event)) faults.push(`${name}: is not sent by the script`);
    delete form.dataset.sending;
  }
  return [forms.length, faults];
}"""
