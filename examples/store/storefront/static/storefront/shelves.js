// The shelves: all products, seen through the search and the collections.

import { get } from "./api.js";
import * as basket from "./basket.js";
import { announce, byId, fill, money } from "./dom.js";

let products = [];

function stockNote({ stock }) {
  if (stock === 0) return "Sold out";
  return stock <= 5 ? `Only ${stock} left` : "";
}

function card(product) {
  const { title, description, stock } = product;
  const element = fill("product", { title, description, price: money(product.unit_price), stock: stockNote(product) });
  const shelf = product.collection.toLowerCase();
  const button = element.querySelector("[data-add]");
  element.dataset.shelf = shelf;
  element.classList.toggle("sold-out", stock === 0);
  element.querySelector("use").setAttribute("href", `${document.body.dataset.icons}#${shelf}`);
  button.setAttribute("aria-label", `Add ${title} to the basket`);
  button.disabled = stock === 0;
  button.addEventListener("click", () => addToBasket(product, element.querySelector("[data-error]")));
  return element;
}

async function addToBasket(product, error) {
  error.textContent = "";
  try {
    await basket.add(product);
    announce(`${product.title} is in your basket.`);
  } catch (refused) {
    error.textContent = refused.message;
  }
}

function show() {
  const wanted = byId("search").value.trim().toLowerCase();
  const collection = byId("filter").elements.collection.value;
  const seen = products.filter(
    (product) =>
      (!collection || product.collection === collection) &&
      `${product.title} ${product.description}`.toLowerCase().includes(wanted),
  );
  byId("products").replaceChildren(...seen.map(card));
  byId("shelves-note").textContent = seen.length ? "" : "Nothing like that on the shelves.";
}

export async function load() {
  try {
    products = await get("/store/products/");
    show();
  } catch (refused) {
    byId("shelves-note").textContent = refused.message;
  }
}

export function begin() {
  byId("filter").addEventListener("input", show);
  byId("filter").addEventListener("submit", (event) => event.preventDefault());
  return load();
}
