// What is heavy to load: the editor's activation reaches it only by `await import('../core')`, as a bundle of its own.
export { createProject, listTemplates } from './project/create';
export { checkProject, findProject, loadProject } from './project/load';
export { noProject } from './project/errors';
export { projectSchema } from './project/schema';
