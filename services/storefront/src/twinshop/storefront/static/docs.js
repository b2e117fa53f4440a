// Swagger UI leaves some fields without a name and some boxes out of the keyboard's reach: both are given here.
const NAMES = {
  "textarea.body-param__text": "Request body",
  ".examples-select-element": "Example",
  ".content-type": "Media type",
  ".parameters-col_description select": "Value",
};

function mend() {
  for (const [selector, name] of Object.entries(NAMES)) {
    for (const field of document.querySelectorAll(`.swagger-ui ${selector}:not([aria-label])`)) {
      const row = field.closest("tr[data-param-name]");
      field.setAttribute("aria-label", row ? `${name} of ${row.dataset.paramName}` : name);
    }
  }
  for (const box of document.querySelectorAll(".swagger-ui pre:not([tabindex])")) box.tabIndex = 0;
  for (const table of document.querySelectorAll(".swagger-ui table[role=region]:not([aria-label])")) {
    const [method, path] = ["method", "path"].map((part) => table.closest(".opblock").querySelector(`.opblock-summary-${part}`));
    table.setAttribute("aria-label", `Responses of ${method.textContent} ${path.textContent}`);
  }
  const about = document.querySelector(".swagger-ui .information-container:not([role])");
  about?.setAttribute("role", "region");
  about?.setAttribute("aria-label", "About this API");
}

new MutationObserver(mend).observe(document.documentElement, { childList: true, subtree: true });
