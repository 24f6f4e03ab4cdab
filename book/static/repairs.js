// What Sphinx and the theme leave undone in a browser.

// A page opened as a file may not read other files, so the search shows titles alone instead of failing on each.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

// On a narrow screen the sidebars are dialogs, and the keyboard loses its place when one closes: the button that
// opened it takes it back.
for (const side of ["primary", "secondary"]) {
  const button = document.querySelector(`.${side}-toggle`);
  const dialog = document.getElementById(`pst-${side}-sidebar-modal`);
  dialog?.addEventListener("close", () => button?.focus());
}
