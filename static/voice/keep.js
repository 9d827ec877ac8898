// The menu with which a thread is kept: files by plain links, paper by the browser.

const menu = document.getElementById("keep");
const print = document.getElementById("keep-print");

export function watch() {
  print.hidden = false;
  print.addEventListener("click", () => {
    close();
    window.print();
  });
  menu.addEventListener("click", (event) => event.target.closest("a") && close());
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    close();
    menu.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => !menu.contains(event.target) && close());
}

function close() {
  menu.open = false;
}
