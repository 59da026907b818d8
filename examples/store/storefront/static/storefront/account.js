// Signing in, registering, signing out.

import { post } from "./api.js";
import { byId, write } from "./dom.js";

export const username = () => document.body.dataset.user;

// Shows the page as it is for this user; without a name, for a visitor.
export function showUser(name) {
  document.body.dataset.user = name;
  for (const element of document.querySelectorAll("[data-when]")) {
    element.hidden = (element.dataset.when === "signed-in") !== Boolean(name);
  }
  write(document, { username: name });
}

function showErrors(form, fields) {
  let first = null;
  for (const place of form.querySelectorAll("[data-error]")) {
    const name = place.dataset.error;
    const messages = [fields[name] ?? []].flat();
    const input = form.elements[name];
    place.textContent = messages.join(" ");
    if (!input) continue;
    place.id = `${form.id}-${name}-error`;
    input.setAttribute("aria-invalid", String(messages.length > 0));
    input.setAttribute("aria-describedby", place.id);
    if (messages.length) first ??= input;
  }
  first?.focus();
}

// Sends the form with `send`, one time at once, and says in the form what was wrong with it.
function whenSent(form, send) {
  const button = form.querySelector("button");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    showErrors(form, {});
    button.disabled = true;
    try {
      await send(Object.fromEntries(new FormData(form)));
      form.reset();
    } catch (refused) {
      showErrors(form, refused.fields ?? { detail: refused.message });
    } finally {
      button.disabled = false;
    }
  });
}

export function begin({ signedIn, signedOut }) {
  const signIn = async ({ username, password }) => {
    const user = await post("/auth/login/", { username, password });
    showUser(user.username);
    signedIn();
  };
  whenSent(byId("sign-in"), signIn);
  whenSent(byId("register"), async (fields) => {
    await post("/auth/users/", fields);
    await signIn(fields);
  });
  byId("sign-out").addEventListener("click", async () => {
    await post("/auth/logout/");
    showUser("");
    signedOut();
  });
  showUser(username());
}
