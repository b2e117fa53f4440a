// The drawings of the control room, as SVG: redrawn from the data each second.

const NS = "http://www.w3.org/2000/svg";

/** An SVG element with attributes, children and text. */
export function make(name, attributes = {}, ...children) {
  const element = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

function fresh(svg, label) {
  const { width, height } = svg.getBoundingClientRect();
  svg.setAttribute("viewBox", `0 0 ${Math.max(width, 1)} ${Math.max(height, 1)}`);
  svg.setAttribute("aria-label", label);
  svg.replaceChildren();
  return { width, height };
}

const WORDS = { ready: "ready", slow: "slow", "not ready": "not ready", silent: "no answer", down: "down" };

/** The components of one shop, coloured by health; those of one process within one frame. */
export function topology(svg, processes) {
  const told = processes.flatMap((p) => p.components.map((c) => `${c}: ${WORDS[p.health]}`)).join(", ");
  const { width, height } = fresh(svg, told);
  const front = processes.find((p) => p.components.includes("storefront"));
  const others = processes.flatMap((p) => p.components.filter((c) => c !== "storefront").map((name) => ({ name, p })));
  const one = processes.length === 1;
  const boxWidth = Math.min(118, (width - 40) / 2.3);
  const right = width - boxWidth - 12;
  const rowHeight = height / others.length;
  const middle = height / 2;
  if (one) svg.append(make("rect", { class: "process", x: 3, y: 2, width: width - 6, height: height - 4 }));
  others.forEach(({ name, p }, at) => {
    const y = at * rowHeight + 3;
    const h = Math.min(22, rowHeight - 6);
    svg.append(make("line", { class: "link", x1: 12 + boxWidth, y1: middle, x2: right, y2: y + h / 2 }));
    box(svg, right, y, boxWidth, h, name, p);
  });
  box(svg, 12, middle - 16, boxWidth, 32, "storefront", front);
}

function box(svg, x, y, width, height, name, process) {
  const health = `health-${process.health.replace(" ", "-")}`;
  svg.append(make("rect", { class: `box ${health}`, x, y, width, height }));
  const replicas = process.replicas > 1 ? ` ×${process.replicas}` : "";
  const word = process.health === "ready" ? replicas : ` ${WORDS[process.health]}`;
  const place = { x: x + width / 2, y: y + height / 2 + 4, "text-anchor": "middle" };
  svg.append(make("text", { ...place, class: process.health === "ready" ? "" : health }, name + word));
}

/** The calls that the last page waited for, one below the other, against its time. */
export function waterfall(svg, page) {
  const total = Math.max(page.total || page.ms || 1, 1);
  const { width, height } = fresh(svg, `The last page took ${page.ms} ms and ${page.calls.length} calls`);
  svg.append(make("text", { x: 2, y: 11, class: "faint" }, `last page: ${page.ms} ms, ${page.calls.length} calls`));
  const rows = page.calls.slice(0, 7);
  const step = Math.min(16, (height - 16) / Math.max(rows.length, 1));
  const left = 112;
  const scale = (width - left - 46) / total;
  rows.forEach((call, at) => {
    const y = 16 + at * step;
    svg.append(make("text", { x: 2, y: y + step - 4 }, `${call.component}.${call.operation}`.slice(0, 19)));
    svg.append(make("rect", { class: "bar", x: left + call.start * scale, y: y + 2, width: Math.max(2, call.ms * scale), height: step - 5 }));
    svg.append(make("text", { x: left + (call.start + call.ms) * scale + 4, y: y + step - 4, class: "faint" }, call.ms.toFixed(1)));
  });
}

const WINDOW = 90;

/** One figure of both shops over the last minute and a half; active faults are shaded. */
export function chart(svg, series, shades, now, name) {
  const last = Object.entries(series).map(([shop, points]) => `${shop} ${points.at(-1)?.value?.toFixed(0) ?? "–"}`);
  const { width, height } = fresh(svg, `${name}: ${last.join(", ")}`);
  const highest = niceAbove(Math.max(1, ...Object.values(series).flatMap((points) => points.map((p) => p.value || 0))));
  const [left, bottom, top] = [36, height - 15, 6];
  const x = (at) => left + ((at - now + WINDOW) / WINDOW) * (width - left - 4);
  const y = (value) => bottom - (value / highest) * (bottom - top);
  for (const [from, to] of shades) {
    const start = Math.max(x(from), left);
    const end = Math.min(x(to), width - 4);
    if (end > start) svg.append(make("rect", { class: "shade", x: start, y: top, width: end - start, height: bottom - top }));
  }
  for (const value of [0, highest / 2, highest]) {
    svg.append(make("line", { class: "axis", x1: left, x2: width - 4, y1: y(value), y2: y(value) }));
    svg.append(make("text", { x: left - 4, y: y(value) + 4, "text-anchor": "end", class: "faint" }, `${value}`));
  }
  for (const seconds of [90, 60, 30, 0]) {
    const text = seconds ? `−${seconds} s` : "now";
    const anchor = seconds === 90 ? "start" : seconds ? "middle" : "end";
    svg.append(make("text", { x: x(now - seconds), y: height - 3, "text-anchor": anchor, class: "faint" }, text));
  }
  for (const [shop, points] of Object.entries(series)) {
    for (const run of unbroken(points)) {
      const path = run.map((p) => `${x(p.at).toFixed(1)},${y(p.value).toFixed(1)}`).join(" ");
      svg.append(make("polyline", { class: shop, points: path }));
    }
  }
}

function niceAbove(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 5, 10].map((f) => f * power).find((n) => n >= value);
}

/** Pieces without gaps: a second without any answer has no latency. */
function unbroken(points) {
  const runs = [[]];
  for (const point of points) {
    if (point.value === null) runs.push([]);
    else runs.at(-1).push(point);
  }
  return runs.filter((run) => run.length > 1);
}
