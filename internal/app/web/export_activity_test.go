package web

import "sampan/internal/app/web/activity"

// Unsaid are the actions of the audit that pages do not tell.
var Unsaid = activity.Unsaid
