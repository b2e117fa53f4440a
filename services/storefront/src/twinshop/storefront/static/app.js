// What makes the pages smoother. Without this file, and without htmx, everything still works.

// Reading begins at what went wrong, also in browsers whose autofocus knows fields only.
document.querySelector("[role=alert][autofocus]")?.focus();

// A change is made once, however often its id arrives: after a success, the next click needs a new id.
document.addEventListener("htmx:afterRequest", ({ target, detail }) => {
  const field = detail.successful && target.querySelector(":scope > input[name=change_id]");
  if (!field) return;
  const random = crypto.getRandomValues(new Uint32Array(4));
  field.value = Array.from(random, (part) => part.toString(16).padStart(8, "0")).join("");
});

// A form that htmx could not send goes the ordinary way, which shows the page about the error.
for (const failure of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(failure, ({ detail }) => detail.elt.matches("form[method=post]") && detail.elt.submit());
}

// Screen readers hear what has changed; the focus does not get lost with a removed line.
document.addEventListener("htmx:load", ({ target }) => {
  if (target === document.body) return;
  const news = target.matches("[data-announce]") ? target : target.querySelector("[data-announce]");
  if (!news) return;
  document.getElementById("announcement").textContent = news.textContent.trim();
  if (document.activeElement === document.body) news.focus();
});

// Paying takes a moment: the button is pressed once, and says what it does. A page that comes back from the browser's
// memory can be sent again.
document.addEventListener("submit", ({ target }) => {
  if (target.matches("form[data-once]")) setTimeout(() => setPressed(target, true));
});
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-once]").forEach((form) => setPressed(form, false)));

function setPressed(form, pressed) {
  for (const button of form.querySelectorAll("button")) {
    button.disabled = pressed;
    const { busy, idle } = button.dataset;
    if (!busy) continue;
    if (pressed) button.dataset.idle = button.innerHTML;
    if (pressed) button.textContent = busy;
    else if (idle) button.innerHTML = idle;
    const status = form.querySelector("[role=status]");
    if (status) status.textContent = pressed ? busy : "";
  }
}

// The same page in the other shape: once its link is in view, both shops are asked for what a new visitor gets, one after
// the other, and say how long they took. The control room shows both shapes already, so there the link opens a new tab.
const twin = document.querySelector("a[data-times]");
if (twin && self !== top) twin.target = "_blank";
if (twin) {
  new IntersectionObserver(async ([{ isIntersecting }], observer) => {
    if (!isIntersecting) return;
    observer.disconnect();
    const { here, times, down } = twin.dataset;
    const [own, other] = [await serverTime(here), await serverTime(twin.href)];
    twin.nextElementSibling.textContent = other && own ? times.replace("{here}", own).replace("{there}", other) : down;
  }).observe(twin);
}

async function serverTime(address) {
  const url = new URL(address, location.href);
  url.searchParams.set("lang", document.documentElement.lang);
  try {
    const answer = await fetch(url, { credentials: "omit" });
    const [, total] = /\btotal;dur=([\d.]+)/.exec(answer.headers.get("server-timing"));
    return Number(total).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 });
  } catch {
    return null;
  }
}
