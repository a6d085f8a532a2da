import { testOnOtherNodes } from './other-nodes.ts';

testOnOtherNodes('agent', 100);
