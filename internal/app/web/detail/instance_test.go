package detail_test

import (
	"net/http"
	"testing"
	"time"

	"sampan/internal/app/web/webtest"
)

func TestInstancePage(t *testing.T) {
	c := webtest.Open(t)
	c.Instances.GivenRows = webtest.ManyInstances(1)
	c.Instances.GivenRows[0].GoneAt = webtest.Now.Add(-time.Hour)
	doc := c.Get("/instances/i0").Want(200).Page()
	webtest.Says(t, doc, "h1", "shop-000")
	webtest.Says(t, doc, "#instance .note", "Huawei does not list this instance any more")
	webtest.Says(t, doc, "#instance", "2 vCPU, 2 GiB")
	c.Get("/instances/none").Want(http.StatusNotFound)
	c.Instances.GivenRows[0].AccountID = "another"
	c.Get("/instances/i0").Want(http.StatusNotFound)
}
