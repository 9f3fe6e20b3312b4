// The fields of a form, and whether their values differ from those in the loaded page.

export const fieldsOf = (form) =>
  [...form.elements].filter((field) => field.name && field.matches("input, select, textarea"));

export function isChanged(field) {
  if (field.type === "hidden") return false;
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (!field.options) return field.value !== field.defaultValue;
  const options = [...field.options];
  // A select without a selected option begins with its first.
  if (!field.multiple && !options.some((option) => option.defaultSelected)) return field.selectedIndex > 0;
  return options.some((option) => option.selected !== option.defaultSelected);
}
