// The time left: digits, a bar, and words for screen readers at 30, 10 and 5 s.

import { announce, element } from "./dom.js";

const ANNOUNCED = [30, 10, 5]; // seconds
export const LAST_SECONDS = 5;
const SLEPT = 1_000; // milliseconds by which the two clocks moved apart

export const clockFace = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

const drift = () => Date.now() - performance.now();

export class Countdown {
  /** `finished()` is called when no time is left, `slept()` when the machine has stood still. */
  constructor(finished, slept) {
    this.digits = element("span", { className: "countdown", role: "timer" });
    this._fill = element("i");
    this.bar = element("div", { className: "bar", "aria-hidden": "true" }, this._fill);
    this._finished = finished;
    this._slept = slept;
    this._timer = null;
    this._ends = 0; // by `performance.now`
    this._duration = 1;
    this._said = 0;
    this._drift = drift();
  }

  /** The seconds left. */
  get left() {
    return Math.max(0, (this._ends - performance.now()) / 1000);
  }

  /** Count from so many seconds; `duration` is the length of the whole bar. */
  start(remaining, duration) {
    this._ends = performance.now() + remaining * 1000;
    this._duration = Math.max(1, duration, remaining);
    this._said = Math.ceil(remaining);
    this.stop();
    this._tick();
  }

  stop() {
    clearTimeout(this._timer);
  }

  _tick() {
    const { left } = this;
    const seconds = Math.ceil(left);
    this.digits.textContent = seconds < 100 ? `${seconds}` : clockFace(seconds);
    this._fill.style.transform = `scaleX(${Math.min(1, left / this._duration)})`;
    this.digits.closest("form")?.classList.toggle("last", left <= LAST_SECONDS);
    const due = ANNOUNCED.find((at) => seconds <= at && this._said > at);
    if (due && left > 0) announce(`${seconds} seconds left.`);
    this._said = Math.min(this._said, seconds);
    // `performance.now` stands still while some machines sleep; the time of day does not.
    if (Math.abs(drift() - this._drift) > SLEPT) {
      this._drift = drift();
      this._slept();
    }
    if (left > 0) {
      // On the second, however late the last tick was.
      this._timer = setTimeout(() => this._tick(), left * 1000 - (seconds - 1) * 1000 + 5);
    } else {
      this._finished();
    }
  }
}
