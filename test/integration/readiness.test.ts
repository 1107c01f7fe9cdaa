import { describeAsOnLinux } from './native';

describeAsOnLinux('readiness', 'readiness/main.c');
describeAsOnLinux('local sockets', 'readiness/pairs.c');
