// Filling the page's templates. Text goes in as text, never as markup.

export const byId = (id) => document.getElementById(id);

// A copy of a template, with `values` written into its elements marked data-<name>.
export function fill(templateId, values) {
  const element = byId(templateId).content.firstElementChild.cloneNode(true);
  write(element, values);
  return element;
}

export function write(root, values) {
  for (const [name, value] of Object.entries(values)) {
    for (const element of root.querySelectorAll(`[data-${name}]`)) element.textContent = value;
  }
}

// For those who listen to the page instead of looking at it.
export function announce(text) {
  byId("status").textContent = text;
}

const currency = new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency: "EUR" });
const date = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long", timeStyle: "short" });

export const money = (amount) => currency.format(Number(amount));
export const moment = (text) => date.format(new Date(text));
