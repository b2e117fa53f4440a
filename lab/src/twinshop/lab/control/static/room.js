// The control room's page: listens to what happens, and sends what is pressed.

import { chart, topology, waterfall } from "./draw.js";

const token = new URLSearchParams(location.search).get("token") ?? "";
const $ = (id) => document.getElementById(id);
const SHOPS = ["mono", "micro"];
const WINDOW = 90;
const history = { mono: [], micro: [] };
const shades = [];
let hurting = false;
let planted = new Map();
let restarted = {};

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
  } catch {
    complain("The control room does not answer.");
  }
}

function complain(text) {
  $("alert").textContent = text;
  setTimeout(() => { if ($("alert").textContent === text) $("alert").textContent = ""; }, 8000);
}

function buildTable(setup) {
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
      const why = setup.cannot[button.id];
      if (why) [button.disabled, button.title] = [true, why];
      button.addEventListener("click", () => press(kind.name, component));
      const cell = document.createElement("td");
      cell.append(button);
      row.append(cell);
    }
    $("components").append(row);
    $("part").append(new Option(component));
  }
}

function press(kind, component) {
  const fault = planted.get(`${kind}-${component}`);
  if (fault) return send("DELETE", `/faults/${fault.id}`);
  return send("POST", "/faults", { kind, component, seconds: Number($("seconds").value) });
}

function showFaults(faults) {
  planted = new Map(faults.map((fault) => [`${fault.kind}-${fault.component}`, fault]));
  for (const button of $("components").querySelectorAll("button")) {
    const fault = planted.get(button.id);
    button.ariaPressed = String(Boolean(fault));
    button.textContent = fault ? `${Math.ceil(fault.left)} s` : button.ariaLabel.split(" ")[0];
  }
}

function showShop(name, shop) {
  const [kind, text] = stateOf(shop.page);
  const state = $(`${name}-state`);
  state.textContent = text;
  state.title = text;
  state.className = `page-state ${kind}`;
  state.closest(".shop").classList.toggle("dark", kind === "bad");
  $(`${name}-patch`).textContent = shop.patch;
  topology($(`${name}-topology`), shop.processes);
  const falls = $(`${name}-waterfall`);
  falls.classList.toggle("micro-bars", name === "micro");
  waterfall(falls, shop.page);
  reloadWhenChanged(name, kind);
}

function stateOf(page) {
  if (page.status === 0) return ["bad", "Down: no answer"];
  if (page.status !== 200) return ["bad", `Down: status ${page.status}`];
  if (page.notices.length) return ["warn", `Degraded: ${page.notices[0]}`];
  return ["good", `Complete, in Spanish, in ${page.ms} ms`];
}

/** The frame shows what a shopper sees: it is loaded again whenever that changes. */
function reloadWhenChanged(name, kind) {
  if (restarted[name] === kind) return;
  const frame = $(`${name}-frame`);
  if (restarted[name] !== undefined) frame.src = frame.src;
  restarted[name] = kind;
}

function showCharts(now) {
  const of = (figure) => Object.fromEntries(SHOPS.map((shop) => [shop, history[shop].map((p) => ({ at: p.at, value: p[figure] }))]));
  chart($("chart-good"), of("good"), shades, now, "Good visits a second");
  chart($("chart-failed"), of("failed"), shades, now, "Failed visits a second");
  chart($("chart-p99"), of("p99_ms"), shades, now, "p99 in milliseconds");
}

function noteShades(faults, now) {
  if (faults.length) {
    if (!hurting) shades.push([now, now]);
    shades.at(-1)[1] = now;
  }
  hurting = faults.length > 0;
  while (shades.length && shades[0][1] < now - WINDOW) shades.shift();
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
  noteShades(data.faults, data.now);
  for (const shop of SHOPS) {
    history[shop].push(...data.shops[shop].load);
    while (history[shop].length && history[shop][0].at < data.now - WINDOW - 5) history[shop].shift();
    showShop(shop, data.shops[shop]);
  }
  showFaults(data.faults);
  showCharts(data.now);
  showLog(data.log);
  $("schedule-button").textContent = data.schedule === null ? "Start random faults" : "Stop random faults";
  $("schedule-button").dataset.running = String(data.schedule !== null);
}

function setUp(setup) {
  if ($("kinds").children.length > 1) return;
  buildTable(setup);
  $("rate").value = setup.rate;
  $("rate-shown").textContent = setup.rate;
  for (const shop of SHOPS) {
    $(`${shop}-link`).href = setup.urls[shop];
    $(`${shop}-frame`).src = `${setup.urls[shop]}/?lang=es`;
  }
}

const events = new EventSource(`/events?token=${encodeURIComponent(token)}`);
events.addEventListener("open", () => { $("link").textContent = "Both shops get the same shoppers at the same moments."; });
events.addEventListener("error", () => { $("link").textContent = "The control room has stopped. Its faults end at their time limits, and the shops stop a minute later."; });
events.addEventListener("setup", (event) => setUp(JSON.parse(event.data)));
events.addEventListener("tick", (event) => tick(JSON.parse(event.data)));

$("rate").addEventListener("input", () => { $("rate-shown").textContent = $("rate").value; });
$("rate").addEventListener("change", () => send("POST", "/load", { rate: Number($("rate").value) }));
$("heal-all").addEventListener("click", () => send("DELETE", "/faults"));
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
