import { testOnOtherNodes } from './other-nodes.ts';

testOnOtherNodes('interceptor', 100);
