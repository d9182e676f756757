// Small things browsers of 2020 cannot do yet (docs/phones.md).

// What place.replaceChildren(...made) does.
export function refill(place, made = []) {
  while (place.firstChild) place.firstChild.remove();
  place.append(...made);
}
