// One's orders: all of them, with the points that they have brought, and one with its lines.

import { get } from "./api.js";
import { byId, fill, moment, money, write } from "./dom.js";

const PAYMENT = { pending: "Payment pending", complete: "Paid", failed: "Payment failed" };

const facts = (order) => ({
  number: `Order ${order.id}`,
  placed: moment(order.placed_at),
  payment: PAYMENT[order.payment_status],
  total: money(order.total),
});

function line(item) {
  return fill("order-line", {
    title: item.product.title,
    price: money(item.unit_price),
    quantity: item.quantity,
    total: money(item.total),
  });
}

function row(order) {
  const element = fill("order-row", facts(order));
  element.querySelector("a").href = `#/orders/${order.id}`;
  return element;
}

async function points() {
  try {
    return (await get("/store/customers/me/")).points;
  } catch (refused) {
    // A user from a fixture may have no customer.
    if (refused.status !== 404) throw refused;
    return 0;
  }
}

export async function showAll() {
  byId("orders").replaceChildren();
  byId("orders-note").textContent = "";
  byId("points").hidden = true;
  const [orders, sum] = await Promise.all([get("/store/orders/"), points()]);
  write(byId("points"), { points: sum === 1 ? "1 point" : `${sum} points` });
  byId("points").hidden = sum === 0;
  byId("orders").replaceChildren(...orders.map(row));
  byId("orders-note").textContent = orders.length ? "" : "None yet.";
}

export async function showOne(number) {
  byId("order-title").textContent = `Order ${number}`;
  byId("order").hidden = true;
  byId("order-error").textContent = "";
  const order = await get(`/store/orders/${encodeURIComponent(number)}/`);
  // The lines come after the facts: both have an element for the total.
  byId("order-lines").replaceChildren();
  write(byId("order"), facts(order));
  byId("order-lines").replaceChildren(...order.items.map(line));
  byId("order").hidden = false;
}
