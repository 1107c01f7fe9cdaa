// What is heavy to load: the editor's activation reaches it only by `await import('../core')`, as a bundle of its own.
export { buildProject, cleanProject, readArtifact } from './build/build';
export { formatReport, readReport } from './build/report';
export { createProject, listTemplates } from './project/create';
export { noProject } from './project/errors';
export { checkProject, findProject, loadProject } from './project/load';
export { projectSchema } from './project/schema';
export { checkSetup } from './setup';
export { openEngine } from './toolchain';
