import type Docker from 'dockerode';
import { createHash } from 'node:crypto';
import { UnikernelError } from '../../errors';
import type { Progress } from '../../progress';
import type { Builder, Engine, Toolchain } from '../engine';
import { engineFailed } from '../errors';
import type { Connection } from './connection';
import { connect } from './connection';
import { ContainerBuilder, statusOf } from './container';
import type { ImageOptions } from './image';
import { ensureImage } from './image';

/** Builds in containers of an engine with Docker's API. */
export class DockerEngine implements Engine {
  readonly id = 'docker';
  readonly description: string;
  private readonly docker: Docker;

  constructor(
    connection: Connection,
    private readonly options: ImageOptions,
  ) {
    this.description = connection.description;
    this.docker = connection.docker;
  }

  async open(toolchain: Toolchain, projectFolder: string, progress: Progress, signal: AbortSignal): Promise<Builder> {
    try {
      const image = await ensureImage(this.docker, toolchain, this.options, progress, signal);
      signal.throwIfAborted();
      const container = await this.openContainer(image, toolchain, projectFolder, progress);
      return new ContainerBuilder(this.docker, container);
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof UnikernelError ? error : engineFailed('making the build container ready', error);
    }
  }

  async close(projectFolder: string): Promise<void> {
    try {
      const found = await this.docker.listContainers({
        all: true,
        filters: { label: [`unikernel-tools.project=${projectFolder}`] },
      });
      await Promise.all(found.map(({ Id: id }) => this.removeContainer(this.docker.getContainer(id))));
    } catch (error) {
      throw engineFailed('removing the build containers', error);
    }
  }

  /** The project's container, made anew where there is none of this image. */
  private async openContainer(
    image: string,
    toolchain: Toolchain,
    projectFolder: string,
    progress: Progress,
  ): Promise<Docker.Container> {
    const key = createHash('sha256').update(`${projectFolder}\0${toolchain.id}`).digest('hex');
    const name = `unikernel-tools-${key.slice(0, 12)}`;
    const present = this.docker.getContainer(name);
    try {
      const { Config: config, State: state } = await present.inspect();
      if (state.Running && config.Labels['unikernel-tools.image'] === image) return present;
      await this.removeContainer(present);
    } catch (error) {
      if (statusOf(error) !== 404) throw error;
    }
    progress({ message: 'Starting the build container' });
    const container = await this.docker.createContainer({
      name,
      Image: image,
      // It ends by itself when nothing was built for a while.
      Entrypoint: ['/usr/lib/unikernel/shared/idle'],
      Cmd: [],
      User: '1000:1000',
      WorkingDir: '/workspace',
      Labels: {
        'unikernel-tools.project': projectFolder,
        'unikernel-tools.toolchain': toolchain.id,
        // Engines name images differently: podman puts its registry before the name that we gave.
        'unikernel-tools.image': image,
      },
      HostConfig: {
        AutoRemove: true,
        NetworkMode: 'none',
        CapDrop: ['ALL'],
        SecurityOpt: ['no-new-privileges'],
      },
    });
    await container.start();
    return container;
  }

  /** Removes a container and waits until its name is free. */
  private async removeContainer(container: Docker.Container): Promise<void> {
    await container.remove({ force: true }).catch((error: unknown) => {
      if (statusOf(error) !== 404 && statusOf(error) !== 409) throw error;
    });
    for (let tries = 0; tries < 50; tries += 1) {
      try {
        await container.inspect();
      } catch {
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** Opens the container engine that answers; an error that lists what was tried where none does. */
export async function openDockerEngine(options: ImageOptions, signal: AbortSignal): Promise<Engine> {
  return new DockerEngine(await connect(options.environment, signal), options);
}
