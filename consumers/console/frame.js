// Keys that work on every page. Those of a list are in alert_list.js.
(() => {
  const typing = (target) => target.closest?.("input, textarea, select, [contenteditable], .q-dialog");
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "/") {
      event.preventDefault();
      document.getElementById("search")?.focus();
    } else if (event.key === "?") {
      document.getElementById("keys")?.click();
    } else if (/^[a-z]$/.test(event.key)) {
      document.querySelector(`[data-key=${event.key}]`)?.click();
    }
  });
})();
