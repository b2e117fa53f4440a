// The control room's page: listens to what happens, and sends what is pressed. What happened is kept by the server: a
// page that is loaded again shows the same.

import { columns, lines, topology, trace, waterfall } from "./draw.js";

const token = new URLSearchParams(location.search).get("token") ?? "";
const $ = (id) => document.getElementById(id);
const SHOPS = { mono: "Monolith", micro: "Microservices" };
const PRESENTER = "#presenter";
let setup = null;
let active = new Map();
const silent = {};

/** Every change goes by POST or DELETE with the token in a header, which no other site's page can send. */
async function send(method, path, body) {
  $("alert").textContent = "";
  try {
    const response = await fetch(path, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (!response.ok) complain((await response.json()).detail ?? `The control room answers ${response.status}.`);
    else if (response.status === 200) return await response.json();
  } catch {
    complain("The control room does not answer.");
  }
}

function complain(text) {
  $("alert").textContent = text;
  setTimeout(() => { if ($("alert").textContent === text) $("alert").textContent = ""; }, 8000);
}

function buildTable() {
  for (const kind of setup.kinds) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = kind.word;
    cell.title = kind.title;
    $("kinds").append(cell);
  }
  for (const component of setup.components) {
    const row = document.createElement("tr");
    const name = document.createElement("th");
    name.scope = "row";
    name.textContent = component;
    row.append(name);
    for (const kind of setup.kinds) {
      const button = document.createElement("button");
      button.id = `${kind.name}-${component}`;
      button.ariaPressed = "false";
      button.ariaLabel = `${kind.word} ${component}`;
      button.textContent = kind.word;
      button.title = setup.cannot[button.id] ?? setup.partly[button.id] ?? "";
      button.disabled = button.id in setup.cannot;
      button.addEventListener("click", () => press(kind.name, component));
      const cell = document.createElement("td");
      cell.append(button);
      row.append(cell);
    }
    $("components").append(row);
    $("part").append(new Option(component));
  }
}

function buildPicker() {
  for (const kind of setup.kinds) {
    $("pick-kind").append(new Option(`${kind.word} (${kind.key.toUpperCase()})`, kind.name));
    $("keys").append(term("dt", kind.key.toUpperCase()), term("dd", `choose ${kind.word}: ${kind.title}`));
  }
  setup.components.forEach((component, at) => $("pick-part").append(new Option(`${component} (${at + 1})`, component)));
  for (const shop of Object.keys(SHOPS)) {
    for (const [effect, words] of Object.entries(setup.effects)) $(`predict-${shop}`).append(new Option(words, effect));
  }
}

function term(name, text) {
  const element = document.createElement(name);
  element.textContent = text;
  return element;
}

function press(kind, component) {
  const fault = active.get(`${kind}-${component}`);
  if (fault) return send("DELETE", `/faults/${fault.id}`);
  return send("POST", "/faults", { kind, component, seconds: Number($("seconds").value) });
}

/** Inject what is chosen, with what the class predicts. */
function inject() {
  const predictions = {};
  for (const shop of Object.keys(SHOPS)) {
    if ($(`predict-${shop}`).value) predictions[shop] = $(`predict-${shop}`).value;
  }
  const [kind, component] = [$("pick-kind").value, $("pick-part").value];
  return send("POST", "/faults", { kind, component, seconds: Number($("seconds").value), predictions });
}

/** Buy the same in both shops, and show the way of each order through the processes. */
async function buy() {
  $("order-again").disabled = $("order-button").disabled = true;
  const orders = await send("POST", "/order");
  $("order-again").disabled = $("order-button").disabled = false;
  if (!orders) return;
  if (!$("order").open) $("order").showModal();
  const longest = Math.max(...Object.values(orders).map((order) => order.total));
  for (const [shop, order] of Object.entries(orders)) {
    const across = order.calls.filter((call) => call.process !== order.processes[0]).length;
    const ways = `${order.calls.length} calls, ${across} of them to another process, in ${order.milliseconds.toFixed(0)} ms`;
    $(`${shop}-order-text`).textContent = [order.text, ways, order.request_id && `request ${order.request_id}`].filter(Boolean).join(" · ");
    trace($(`${shop}-order`), order, ways, longest);
    $(`${shop}-order-calls`).replaceChildren(...order.calls.map(({ component, operation, duration }) => term("li", `${component}.${operation}: ${duration.toFixed(1)} ms`)));
  }
}

/** Whether the chosen fault can be injected now, and if not why. */
function showChoice() {
  const name = `${$("pick-kind").value}-${$("pick-part").value}`;
  const busy = active.size ? "One fault at a time: revert it, or wait for its end." : "";
  const why = setup.cannot[name] ?? busy;
  $("inject").disabled = Boolean(why);
  $("why-not").textContent = document.documentElement.classList.contains("presenter") ? why || setup.partly[name] || "" : "";
}

function showFaults(faults) {
  active = new Map(faults.map((fault) => [`${fault.kind}-${fault.component}`, fault]));
  for (const button of $("components").querySelectorAll("button")) {
    const fault = active.get(button.id);
    button.ariaPressed = String(Boolean(fault));
    button.textContent = fault ? `${Math.ceil(fault.left)} s` : button.ariaLabel.split(" ")[0];
  }
  showChoice();
}

function showShop(name, shop) {
  const state = $(`${name}-state`);
  state.textContent = shop.state.text;
  state.className = `page-state ${shop.state.level}`;
  state.closest(".shop").classList.toggle("dark", shop.state.level === "bad");
  const veil = $(`${name}-veil`);
  veil.hidden = !shop.state.silent;
  veil.textContent = shop.state.silent ? "No answer" : "";
  $(`${name}-patch`).textContent = shop.patch;
  topology($(`${name}-topology`), shop.processes);
  const falls = $(`${name}-waterfall`);
  falls.classList.toggle("micro-bars", name === "micro");
  waterfall(falls, shop.page);
  reloadWhenChanged(name, shop.state);
}

/** The frame shows what a visitor sees: it is loaded again whenever that changes. */
function reloadWhenChanged(name, { level, silent: isSilent }) {
  const seen = `${level} ${isSilent}`;
  if (silent[name] === seen) return;
  const frame = $(`${name}-frame`);
  if (silent[name] !== undefined && !isSilent) frame.src = frame.src;
  silent[name] = seen;
}

function showCharts({ shops, events, now }) {
  const seconds = Object.fromEntries(Object.entries(shops).map(([name, shop]) => [name, shop.seconds]));
  const due = Object.values(seconds).flat().map((s) => s.good + s.degraded + s.waiting + s.failed + s.late);
  const highest = Math.max(0, ...due);
  for (const name of Object.keys(shops)) columns($(`chart-${name}`), seconds[name], highest, events, now, SHOPS[name]);
  lines($("chart-slowest"), seconds, setup.patience, events, now);
}

function showResult(result) {
  $("result").hidden = result === null || !document.documentElement.classList.contains("presenter");
  if (result === null) return;
  $("result-text").textContent = result.text;
  $("result-predictions").replaceChildren(...result.predictions.map((each) => {
    const item = term("li", `${SHOPS[each.shop]}: `);
    const verdict = each.right ? `✓ predicted: ${each.predicted}` : `✗ predicted: ${each.predicted}; measured: ${each.measured}`;
    const mark = term("span", verdict);
    mark.className = each.right ? "right" : "wrong";
    item.append(mark);
    return item;
  }));
}

function showLog(entries) {
  const list = $("log");
  const atEnd = list.scrollTop + list.clientHeight >= list.scrollHeight - 4;
  for (const { at, text } of entries) {
    const item = document.createElement("li");
    const time = document.createElement("time");
    time.textContent = new Date(at * 1000).toLocaleTimeString();
    item.append(time, text);
    list.append(item);
  }
  while (list.children.length > 200) list.firstChild.remove();
  if (atEnd) list.scrollTop = list.scrollHeight;
}

function tick(data) {
  for (const [name, shop] of Object.entries(data.shops)) showShop(name, shop);
  showFaults(data.faults);
  showResult(data.result);
  showCharts(data);
  showLog(data.log);
  $("exports").hidden = data.run === null;
  $("schedule-button").textContent = data.schedule === null ? "Random faults" : "Stop faults";
  $("schedule-button").dataset.running = String(data.schedule !== null);
}

function setUp(given) {
  if (setup !== null) return;
  setup = given;
  buildTable();
  buildPicker();
  $("rate").value = setup.rate;
  $("rate-shown").textContent = setup.rate;
  $("patience").textContent = setup.patience;
  for (const button of $("change").querySelectorAll("[name=scale]")) {
    button.disabled = setup.cannot_scale !== null;
    button.title = setup.cannot_scale ?? "";
  }
  for (const shop of Object.keys(SHOPS)) {
    $(`${shop}-link`).href = setup.urls[shop];
    $(`${shop}-frame`).src = `${setup.urls[shop]}/?lang=es`;
  }
  for (const kind of ["png", "csv"]) $(`run-${kind}`).href = `/run.${kind}?token=${encodeURIComponent(token)}`;
}

/** The mode is in the address, so that a reload keeps it. */
function showMode() {
  const presents = location.hash === PRESENTER;
  document.documentElement.classList.toggle("presenter", presents);
  $("presenter").ariaPressed = String(presents);
  // A page of the shop is made for 16 px: at that size on a projector, at half of it otherwise.
  const grown = Math.max(1, Math.min(innerWidth / 1280, innerHeight / 720));
  document.documentElement.style.setProperty("--zoom", presents ? grown : grown / 2);
}

function switchMode() {
  location.hash = location.hash === PRESENTER ? "" : PRESENTER;
}

function keyed(event) {
  const typing = event.target.matches("input, select, textarea") || $("help").open || $("order").open;
  if (setup === null || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key.toLowerCase();
  const kind = setup.kinds.find((each) => each.key === key);
  if (key === "p") switchMode();
  else if (key === "r") send("DELETE", "/faults");
  else if (key === "o") buy();
  else if (key === "?") $("help").showModal();
  else if (key === "i" && !$("inject").disabled) inject();
  else if (kind) $("pick-kind").value = kind.name;
  else if (setup.components[Number(key) - 1]) $("pick-part").value = setup.components[Number(key) - 1];
  else return;
  event.preventDefault();
  showChoice();
}

const events = new EventSource(`/events?token=${encodeURIComponent(token)}`);
events.addEventListener("open", () => { $("link").textContent = "The same visitors in both"; $("link").className = ""; $("log").replaceChildren(); });
events.addEventListener("error", () => { $("link").textContent = "The control room is gone: its faults end by their time limit, and a minute later the shops close."; $("link").className = "lost"; });
events.addEventListener("setup", (event) => setUp(JSON.parse(event.data)));
events.addEventListener("tick", (event) => tick(JSON.parse(event.data)));

addEventListener("hashchange", showMode);
addEventListener("resize", showMode);
addEventListener("keydown", keyed);
showMode();
$("rate").addEventListener("input", () => { $("rate-shown").textContent = $("rate").value; });
$("rate").addEventListener("change", () => send("POST", "/load", { rate: Number($("rate").value) }));
$("heal-all").addEventListener("click", () => send("DELETE", "/faults"));
$("presenter").addEventListener("click", switchMode);
for (const id of ["order-button", "order-again"]) $(id).addEventListener("click", buy);
$("help-button").addEventListener("click", () => $("help").showModal());
$("pick").addEventListener("change", showChoice);
$("pick").addEventListener("submit", (event) => { event.preventDefault(); inject(); });
$("schedule").addEventListener("submit", (event) => {
  event.preventDefault();
  if ($("schedule-button").dataset.running === "true") send("DELETE", "/schedule");
  else send("POST", "/schedule", { seed: Number($("seed").value) });
});
$("change").addEventListener("submit", (event) => {
  event.preventDefault();
  const component = $("part").value;
  const { name, value } = event.submitter;
  if (name === "scale") send("POST", "/scale", { component, replicas: Number(value) });
  else send("POST", "/patch", { component });
});
