// The store's HTTP API, as the page uses it.

export class Refused extends Error {
  // `fields` holds the messages by field; "detail" is for what belongs to none.
  constructor(status, fields) {
    super(Object.values(fields).flat().join(" "));
    this.status = status;
    this.fields = fields;
  }
}

function csrfToken() {
  return document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
}

async function refusal(response) {
  const body = await response.json().catch(() => null);
  if (body === null) return new Refused(response.status, { detail: "The store could not answer. Please try again." });
  if (Array.isArray(body)) return new Refused(response.status, { detail: body });
  const { non_field_errors: detail, ...fields } = body;
  return new Refused(response.status, detail ? { ...fields, detail } : fields);
}

async function send(method, path, body) {
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken(), "X-Requested-With": "fetch" },
      body: body && JSON.stringify(body),
    });
  } catch {
    throw new Refused(0, { detail: "The store cannot be reached. Is the network there?" });
  }
  if (!response.ok) throw await refusal(response);
  return response.status === 204 ? null : response.json();
}

export const get = (path) => send("GET", path);
export const post = (path, body = {}) => send("POST", path, body);
export const patch = (path, body) => send("PATCH", path, body);
export const remove = (path) => send("DELETE", path);
