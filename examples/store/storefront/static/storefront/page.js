// The page: which part of it is seen, and how the parts work together.

import * as account from "./account.js";
import * as basket from "./basket.js";
import { byId } from "./dom.js";
import * as orders from "./orders.js";
import * as shelves from "./shelves.js";

let justPlaced = null;

const go = (address) => {
  if (location.hash === address) follow();
  else location.hash = address;
};

// Shows one view and puts the keyboard at its heading, as a new page would.
function show(view, headingId) {
  document.body.dataset.view = view;
  for (const part of document.querySelectorAll("[data-views]")) {
    part.hidden = !part.dataset.views.split(" ").includes(view);
  }
  byId(headingId).focus({ preventScroll: view === "basket" });
  if (view !== "basket" || matchMedia("(max-width: 56rem)").matches) scrollTo(0, 0);
}

// What only a signed-in user may see; a session that has ended leads to the sign-in form.
async function own(content, errorId) {
  try {
    await content();
  } catch (refused) {
    if (refused.status === 401) {
      account.showUser("");
      go("#/account");
    } else {
      byId(errorId).textContent = refused.status === 404 ? "There is no such order." : refused.message;
    }
  }
}

function follow() {
  const [, view, number] = location.hash.split("/");
  if (view === "orders" && !account.username()) return go("#/account");
  if (view === "orders" && number) {
    byId("order-thanks").hidden = number !== justPlaced;
    justPlaced = null;
    show("order", "order-title");
    return own(() => orders.showOne(number), "order-error");
  }
  if (view === "orders") {
    show("orders", "orders-title");
    return own(orders.showAll, "orders-note");
  }
  if (view === "account") {
    byId("account-note").hidden = basket.isEmpty();
    return show("account", "account-title");
  }
  return view === "basket" ? show("basket", "basket-title") : show("shop", "shelves-title");
}

async function placeOrder() {
  const button = byId("place-order");
  button.disabled = true;
  await own(async () => {
    const order = await basket.order();
    justPlaced = String(order.id);
    go(`#/orders/${order.id}`);
  }, "basket-error");
  await shelves.load();
  button.disabled = false;
}

account.begin({
  signedIn: () => go(basket.isEmpty() ? "#/" : "#/basket"),
  signedOut: () => go("#/"),
});
byId("place-order").addEventListener("click", placeOrder);
// An address without the slash, like the skip link's, stays within the view.
addEventListener("hashchange", () => (location.hash === "" || location.hash.startsWith("#/")) && follow());
await Promise.all([shelves.begin(), basket.load()]);
if (location.hash.startsWith("#/")) follow();
