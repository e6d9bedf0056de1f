// GraphiQL's generator runtime assigns this global, and evaluates a string when there is none, which the content security
// policy forbids. So it is declared here.
var regeneratorRuntime;
