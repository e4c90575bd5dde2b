import { errorText } from '#lib/api/errors.ts';

/** One form being sent: `busy` while it is, `problem` in words when it was refused. */
export class Submission {
  busy = $state(false);
  problem = $state('');
  #send: () => Promise<unknown>;

  constructor(send: () => Promise<unknown>) {
    this.#send = send;
  }

  /** The form's `onsubmit`; a form that is being sent is not sent once more. */
  submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (this.busy) return;
    this.busy = true;
    this.problem = '';
    try {
      await this.#send();
    } catch (error) {
      this.problem = errorText(error);
    } finally {
      this.busy = false;
    }
  };
}
