/** Names that package.json, the code and the tests share. */
export const commands = {
  newProject: 'unikernel.newProject',
  build: 'unikernel.build',
  buildAll: 'unikernel.buildAll',
  run: 'unikernel.run',
  record: 'unikernel.record',
  attach: 'unikernel.attach',
  clean: 'unikernel.clean',
  showReport: 'unikernel.showReport',
  checkSetup: 'unikernel.checkSetup',
  selectTarget: 'unikernel.selectTarget',
  openGuestView: 'unikernel.openGuestView',
  saveSnapshot: 'unikernel.saveSnapshot',
  restoreSnapshot: 'unikernel.restoreSnapshot',
  resetGuest: 'unikernel.resetGuest',
  powerOffGuest: 'unikernel.powerOffGuest',
  openMonitor: 'unikernel.openMonitor',
  showMemoryMap: 'unikernel.showMemoryMap',
} as const;

/** The type of our tasks and of our debug sessions. */
export const typeName = 'unikernel';

export const settingsSection = 'unikernel';

/** True while a folder of the window holds a unikernel.json; menus and key bindings ask for it. */
export const hasProjectContext = 'unikernel.hasProject';
