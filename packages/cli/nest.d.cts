/** A module for NestJS 9 to 11: `imports: [OutwitnessModule.forRoot()]` in the root module. Loads the agent if it is not there yet. */
export declare class OutwitnessModule {
  /** A dynamic module. */
  static forRoot(): { module: typeof OutwitnessModule };
}
