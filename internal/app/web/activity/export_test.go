package activity

// Untold are the actions of the audit that pages do not tell.
var Untold = untold
