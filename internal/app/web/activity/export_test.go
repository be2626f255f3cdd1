package activity

// Unsaid are the actions of the audit that pages do not tell.
var Unsaid = unsaid
