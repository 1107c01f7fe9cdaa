import { describeAsOnLinux } from './native';

describeAsOnLinux('signals', 'concurrency/signals.c');
describeAsOnLinux('threads', 'concurrency/threads.c');
