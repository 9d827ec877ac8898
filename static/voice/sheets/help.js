// The help sheet: which keys there are, and whether they are switched on.

export function open(settings) {
  document.getElementById("help-off").hidden = settings.read().shortcuts;
}
