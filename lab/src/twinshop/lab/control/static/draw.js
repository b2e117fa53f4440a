// The drawings of the control room, as SVG: made again from the data each second. Lengths are multiples of the text's
// size, so that everything grows with it.

const NS = "http://www.w3.org/2000/svg";
export const WINDOW = 90;
const FATES = ["good", "degraded", "waiting", "late", "failed"];
const SHOPS = { mono: "monolith", micro: "microservices" };

/** An SVG element with attributes, children and text. */
export function make(name, attributes = {}, ...children) {
  const element = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

function fresh(svg, label) {
  const { width, height } = svg.getBoundingClientRect();
  const em = Number.parseFloat(getComputedStyle(svg).fontSize);
  svg.setAttribute("viewBox", `0 0 ${Math.max(width, 1)} ${Math.max(height, 1)}`);
  svg.setAttribute("aria-label", label);
  svg.replaceChildren();
  return { width, height, em };
}

const WORDS = { ready: "ready", slow: "slow", failing: "fails", "not ready": "not ready", silent: "no answer", down: "down" };

/** The components of one shop, coloured by health; those of one process within one frame. */
export function topology(svg, processes) {
  const all = processes.flatMap((process) => process.components.map((c) => ({ ...c, replicas: process.replicas })));
  const { width, height, em } = fresh(svg, all.map((c) => `${c.name}: ${WORDS[c.health]}`).join(", "));
  const others = all.filter((c) => c.name !== "storefront");
  const boxWidth = Math.min(14 * em, (width - em) * 0.47);
  const right = width - boxWidth - em / 2;
  const rowHeight = height / others.length;
  const middle = height / 2;
  if (processes.length === 1) svg.append(make("rect", { class: "process", x: 2, y: 1, width: width - 4, height: height - 2 }));
  others.forEach((component, at) => {
    const h = Math.min(1.9 * em, rowHeight - 4);
    const y = at * rowHeight + (rowHeight - h) / 2;
    svg.append(make("line", { class: "link", x1: em / 2 + boxWidth, y1: middle, x2: right, y2: y + h / 2 }));
    box(svg, right, y, boxWidth, h, em, component);
  });
  box(svg, em / 2, middle - 1.3 * em, boxWidth, 2.6 * em, em, all.find((c) => c.name === "storefront"));
}

function box(svg, x, y, width, height, em, { name, health, replicas }) {
  const colour = `health-${health.replace(" ", "-")}`;
  svg.append(make("rect", { class: `box ${colour}`, x, y, width, height }));
  const word = health === "ready" ? (replicas > 1 ? ` ×${replicas}` : "") : `: ${WORDS[health]}`;
  const place = { x: x + width / 2, y: y + height / 2 + 0.35 * em, "text-anchor": "middle" };
  svg.append(make("text", { ...place, class: health === "ready" ? "" : colour }, name + word));
}

/** The calls that the last page waited for, one below the other, against its time. */
export function waterfall(svg, page) {
  const total = Math.max(page.total || page.ms || 1, 1);
  const { width, height, em } = fresh(svg, `The last page took ${page.ms} ms and ${page.calls.length} calls`);
  svg.append(make("text", { x: 2, y: em, class: "faint" }, `last page: ${page.ms} ms, ${page.calls.length} calls`));
  const rows = page.calls.slice(0, 7);
  const step = Math.min(1.45 * em, (height - 1.45 * em) / Math.max(rows.length, 1));
  const left = 10.5 * em;
  const scale = (width - left - 4 * em) / total;
  rows.forEach((call, at) => {
    const y = 1.45 * em + at * step;
    svg.append(make("text", { x: 2, y: y + step - 0.35 * em }, `${call.component}.${call.operation}`.slice(0, 19)));
    svg.append(make("rect", { class: "bar", x: left + call.start * scale, y: y + 2, width: Math.max(2, call.ms * scale), height: Math.max(step - 5, 1) }));
    svg.append(make("text", { x: left + (call.start + call.ms) * scale + 4, y: y + step - 0.35 * em, class: "faint" }, call.ms.toFixed(1)));
  });
}

/** The way of an order through the processes, each a lane, over a time that both shops share; `label` says it in words. */
export function trace(svg, { processes, calls, total }, label, longest) {
  const { width, height, em } = fresh(svg, label);
  const left = 6.5 * em;
  const scale = (width - left - em) / Math.max(longest, 1);
  const step = (height - 1.6 * em) / processes.length;
  const middle = (name) => step * (processes.indexOf(name) + 0.5);
  for (const name of processes) {
    svg.append(make("text", { x: 2, y: middle(name) + 0.35 * em }, name === "mono" ? "monolith" : name));
    svg.append(make("line", { class: "axis", x1: left, x2: width - em, y1: middle(name), y2: middle(name) }));
  }
  const thick = Math.min(1.3 * em, step * 0.5);
  svg.append(make("rect", { class: "whole", x: left, y: middle(processes[0]) - thick / 2, width: Math.max(2, total * scale), height: thick }));
  for (const { process, start, duration } of calls) {
    const [x, y] = [left + start * scale, middle(process)];
    if (process !== processes[0]) svg.append(make("line", { class: "request", x1: x, x2: x, y1: middle(processes[0]), y2: y }));
    svg.append(make("rect", { class: "bar", x, y: y - thick / 3, width: Math.max(2, duration * scale), height: (thick * 2) / 3 }));
  }
  svg.append(make("text", { x: left, y: height - 0.3 * em, class: "faint" }, "0"));
  svg.append(make("text", { x: width - em, y: height - 0.3 * em, class: "faint", "text-anchor": "end" }, `${longest.toFixed(0)} ms`));
}

/** Axes, and what happened meanwhile: gives the functions from values to places. */
function plot(svg, label, highest, events, now) {
  const { width, height, em } = fresh(svg, label);
  const [left, right, bottom, top] = [2.4 * em, width - 4, height - 1.4 * em, 2.4 * em];
  const x = (at) => left + ((at - now + WINDOW) / WINDOW) * (right - left);
  const y = (value) => bottom - (value / highest) * (bottom - top);
  events.forEach(({ at, until, text }, number) => {
    if ((until ?? now) < now - WINDOW) return;
    const [start, end] = [Math.max(x(at), left), Math.min(x(until ?? now), right)];
    const kind = until === at ? "event" : "event fault";
    if (end > start) svg.append(make("rect", { class: "shade", x: start, y: top, width: end - start, height: bottom - top }));
    svg.append(make("line", { class: kind, x1: start, x2: start, y1: 0.2 * em, y2: bottom }));
    const besides = start > (left + right) / 2 ? { x: start - 3, "text-anchor": "end" } : { x: start + 3 };
    svg.append(make("text", { ...besides, y: (number % 2 ? 2.05 : 0.95) * em, class: kind }, text));
  });
  for (const value of [0, highest / 2, highest]) {
    svg.append(make("line", { class: "axis", x1: left, x2: right, y1: y(value), y2: y(value) }));
    svg.append(make("text", { x: left - 4, y: y(value) + 0.35 * em, "text-anchor": "end", class: "faint" }, `${value}`));
  }
  for (const seconds of [90, 60, 30, 0]) {
    const anchor = seconds === 90 ? "start" : seconds ? "middle" : "end";
    svg.append(make("text", { x: x(now - seconds), y: height - 0.25 * em, "text-anchor": anchor, class: "faint" }, seconds ? `−${seconds} s` : "now"));
  }
  return { x, y, em, left, right, top };
}

/** The visits due in each second, as columns: what became of them, or that they wait. */
export function columns(svg, seconds, highest, events, now, shop) {
  const total = (fate) => seconds.reduce((sum, second) => sum + second[fate], 0);
  const label = `${shop}, visits of the last ${WINDOW} s: ${FATES.map((fate) => `${fate} ${total(fate)}`).join(", ")}`;
  const { x, y, left } = plot(svg, label, niceAbove(Math.max(4, highest)), events, now);
  for (const second of seconds) {
    let below = 0;
    const start = x(second.at);
    if (start < left) continue;
    for (const fate of FATES) {
      if (!second[fate]) continue;
      const [low, high] = [y(below), y(below + second[fate])];
      svg.append(make("rect", { class: fate, x: start, y: high, width: Math.max(1, x(second.at + 1) - start - 0.7), height: low - high }));
      below += second[fate];
    }
  }
}

/** The slowest visit of each second in both shops, also of those that still wait. Each line carries its name. */
export function lines(svg, shops, patience, events, now) {
  const values = Object.values(shops).flatMap((seconds) => seconds.map((second) => second.slowest ?? 0));
  const highest = niceAbove(Math.max(1, ...values));
  const last = Object.entries(shops).map(([shop, seconds]) => [shop, seconds.findLast((second) => second.slowest !== null)]);
  const label = `Slowest visit: ${last.map(([shop, second]) => `${SHOPS[shop]} ${second?.slowest ?? "–"} s`).join(", ")}`;
  const { x, y, em, left, right, top } = plot(svg, label, highest, events, now);
  if (patience <= highest) svg.append(make("line", { class: "patience", x1: left, x2: right, y1: y(patience), y2: y(patience) }));
  const heights = [];
  for (const [shop, seconds] of Object.entries(shops)) {
    const shown = seconds.filter((second) => x(second.at) >= left);
    for (const run of unbroken(shown)) {
      const path = run.map((second) => `${x(second.at + 0.5).toFixed(1)},${y(second.slowest).toFixed(1)}`).join(" ");
      svg.append(make("polyline", { class: shop, points: path }));
    }
    const end = shown.findLast((second) => second.slowest !== null);
    if (!end) continue;
    let height = Math.max(y(end.slowest) - 0.4 * em, top + em);
    if (heights.some((other) => Math.abs(other - height) < 1.1 * em)) height = Math.min(...heights) - 1.2 * em;
    if (height < top) height = Math.max(...heights) + 1.2 * em;
    heights.push(height);
    svg.append(make("text", { class: shop, x: right - 4, y: height, "text-anchor": "end" }, SHOPS[shop]));
  }
}

function niceAbove(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 6, 8, 10].map((f) => f * power).find((n) => n >= value);
}

/** Pieces without gaps: a second without visits has no slowest one. */
function unbroken(seconds) {
  const runs = [[]];
  for (const second of seconds) {
    if (second.slowest === null) runs.push([]);
    else runs.at(-1).push(second);
  }
  return runs.filter((run) => run.length > 1);
}
