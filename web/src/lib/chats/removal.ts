/** Messages taken off the screen that the server has not been told of yet, by chat; with what is below them. */
export const removing = new Map<string, Set<string>>();
