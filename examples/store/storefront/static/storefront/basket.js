// The basket: a cart of the store, whose id this browser remembers.

import { get, patch, post, remove } from "./api.js";
import { announce, byId, fill, money, write } from "./dom.js";

const REMEMBERED = "noonday-cart";
const EMPTY = { items: [], total: "0" };

const path = () => `/store/carts/${localStorage.getItem(REMEMBERED)}/`;

async function makeCart() {
  const cart = await post("/store/carts/");
  localStorage.setItem(REMEMBERED, cart.id);
}

function forget() {
  localStorage.removeItem(REMEMBERED);
  show(EMPTY);
}

export async function add(product) {
  const body = { product_id: product.id, quantity: 1 };
  if (!localStorage.getItem(REMEMBERED)) await makeCart();
  try {
    await post(`${path()}items/`, body);
  } catch (refused) {
    if (refused.status !== 404) throw refused;
    // The cart is gone: ordered from another window, most likely.
    await makeCart();
    await post(`${path()}items/`, body);
  }
  await load();
}

async function setQuantity(item, quantity) {
  const item_path = `${path()}items/${item.id}/`;
  try {
    await (quantity ? patch(item_path, { quantity }) : remove(item_path));
  } catch (refused) {
    if (refused.status !== 404) throw refused;
  }
  await load();
  announce(quantity ? `${item.product.title}: ${quantity}` : `${item.product.title} is no longer in your basket.`);
}

function line(item) {
  const { product, quantity } = item;
  const element = fill("basket-line", {
    title: product.title,
    price: money(product.unit_price),
    quantity,
    total: money(item.total),
  });
  const step = (button, label, wanted) => {
    button.setAttribute("aria-label", label);
    button.dataset.focus = `${label} ${product.id}`;
    button.addEventListener("click", () =>
      setQuantity(item, wanted).catch((refused) => {
        element.querySelector("[data-error]").textContent = refused.message;
      }),
    );
  };
  step(element.querySelector("[data-less]"), `One ${product.title} less`, quantity - 1);
  step(element.querySelector("[data-more]"), `One ${product.title} more`, quantity + 1);
  return element;
}

// Draws the basket anew and leaves the keyboard where it was.
function show(cart) {
  const count = cart.items.reduce((sum, item) => sum + item.quantity, 0);
  const focused = document.activeElement?.dataset?.focus;
  byId("basket-lines").replaceChildren(...cart.items.map(line));
  if (focused) {
    const again = [...byId("basket-lines").querySelectorAll("button")].find((button) => button.dataset.focus === focused);
    (again ?? byId("basket-title")).focus();
  }
  byId("basket-empty").hidden = count > 0;
  byId("basket-full").hidden = count === 0;
  byId("basket-error").textContent = "";
  document.body.classList.toggle("has-basket", count > 0);
  const noun = count === 1 ? "item" : "items";
  write(document, { "basket-count": count, "basket-noun": noun, "basket-total": money(cart.total) });
}

export async function load() {
  if (!localStorage.getItem(REMEMBERED)) return show(EMPTY);
  try {
    show(await get(path()));
  } catch (refused) {
    if (refused.status === 404) forget();
    else byId("basket-error").textContent = refused.message;
  }
}

// Orders what is in the basket and returns the order.
export async function order() {
  try {
    const placed = await post("/store/orders/", { cart_id: localStorage.getItem(REMEMBERED) });
    forget();
    return placed;
  } catch (refused) {
    // Ordered already, from another window.
    if (refused.status === 409) forget();
    throw refused;
  }
}

export const isEmpty = () => !document.body.classList.contains("has-basket");
