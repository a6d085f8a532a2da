/** A module for NestJS 9 to 11: `imports: [OutwitnessModule.forRoot()]` in the root module. Loads the agent if it is not there yet. */
// oxlint-disable-next-line typescript/no-extraneous-class -- NestJS asks for a class
export declare class OutwitnessModule {
  /** A dynamic module. */
  static forRoot(): { module: typeof OutwitnessModule };
}
