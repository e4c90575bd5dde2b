// What a menu needs once it opens; loaded when the app is idle, or when the first menu is opened before that.
export { DropdownMenu } from 'bits-ui';
