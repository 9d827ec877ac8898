// A dialog as a sheet on a small screen: it closes by a pull down, and by the back button, as people expect there.

const FAR = 0.25; // of its height: pulled so far, it is let go
const FAST = 0.5; // pixels a millisecond: a flick

export class Sheet {
  /** `handle` is the part of the dialog that is pulled. */
  constructor(dialog, handle) {
    Object.assign(this, { dialog, handle, pull: null });
  }

  watch() {
    this.handle.addEventListener("pointerdown", (event) => this.begin(event));
    this.handle.addEventListener("pointermove", (event) => this.move(event));
    for (const end of ["pointerup", "pointercancel"]) this.handle.addEventListener(end, (event) => this.let(event));
    this.dialog.addEventListener("close", () => history.state?.sheet && history.back());
    addEventListener("popstate", () => this.dialog.matches(":modal") && this.dialog.close()); // not one that stands beside
  }

  open() {
    this.dialog.showModal();
    history.pushState({ sheet: true }, "");
  }

  begin(event) {
    if (!this.dialog.matches(":modal") || event.target.closest("a, button")) return;
    this.handle.setPointerCapture(event.pointerId);
    this.pull = { from: event.clientY, at: event.timeStamp };
  }

  move(event) {
    if (this.pull) this.dialog.style.transform = `translateY(${Math.max(0, event.clientY - this.pull.from)}px)`;
  }

  let(event) {
    if (!this.pull) return;
    const way = event.clientY - this.pull.from;
    const speed = way / Math.max(1, event.timeStamp - this.pull.at);
    this.pull = null;
    this.dialog.style.transform = "";
    if (event.type === "pointerup" && (way > this.dialog.offsetHeight * FAR || speed > FAST)) this.dialog.close();
  }
}
