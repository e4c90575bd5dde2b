declare global {
  namespace App {
    interface PageState {
      /** A dialog opened over the page, closed by the back button. */
      dialog?: string;
    }
  }
}

export {};
