package cloudsim_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/basic"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/global"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/config"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/def"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/sdkerr"
	bss "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/bssintl/v2"
	bssmodel "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/bssintl/v2/model"
	ces "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/ces/v1"
	cesmodel "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/ces/v1/model"
	rms "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/config/v1"
	rmsmodel "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/config/v1/model"
	ecs "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/ecs/v2"
	ecsmodel "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/ecs/v2/model"
	iam "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/iam/v3"
	iammodel "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/iam/v3/model"
	ims "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/ims/v2"
	imsmodel "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/ims/v2/model"

	"sampan/internal/cloud/cloudsim"
	"sampan/internal/cloud/cloudsim/simtest"
)

// sdk is the vendor's client library, unmodified, with the keys of one account.
type sdk struct {
	t    *testing.T
	url  string
	acct cloudsim.Account
	http *config.HttpConfig
}

func newSDK(t *testing.T, s *cloudsim.Server, acct cloudsim.Account) sdk {
	return sdk{t: t, url: s.URL, acct: acct, http: config.DefaultHttpConfig().WithTimeout(10 * time.Second).
		WithUserAgent("cloudsim-test").WithHttpRoundTripper(http.DefaultTransport)}
}

func (k sdk) project(region string) string {
	for _, r := range k.acct.Regions {
		if r.Region == region {
			return r.ProjectID
		}
	}
	k.t.Fatalf("the account has no region %s", region)
	return ""
}

func (k sdk) client(build func() (*core.HcHttpClient, error)) *core.HcHttpClient {
	k.t.Helper()
	h, err := build()
	if err != nil {
		k.t.Fatalf("build client: %v", err)
	}
	return h
}

func (k sdk) basic(region string) *basic.Credentials {
	k.t.Helper()
	c, err := basic.NewCredentialsBuilder().WithAk(k.acct.AccessKey).WithSk(k.acct.SecretKey).WithProjectId(k.project(region)).SafeBuild()
	if err != nil {
		k.t.Fatalf("credentials: %v", err)
	}
	return c
}

func (k sdk) global() *global.Credentials {
	k.t.Helper()
	c, err := global.NewCredentialsBuilder().WithAk(k.acct.AccessKey).WithSk(k.acct.SecretKey).WithDomainId(k.acct.ID).SafeBuild()
	if err != nil {
		k.t.Fatalf("credentials: %v", err)
	}
	return c
}

func (k sdk) ecs(region string) *ecs.EcsClient {
	b := ecs.EcsClientBuilder().WithEndpoint(k.url).WithCredential(k.basic(region)).WithHttpConfig(k.http)
	return ecs.NewEcsClient(k.client(b.SafeBuild))
}

func (k sdk) ces(region string) *ces.CesClient {
	b := ces.CesClientBuilder().WithEndpoint(k.url).WithCredential(k.basic(region)).WithHttpConfig(k.http)
	return ces.NewCesClient(k.client(b.SafeBuild))
}

func (k sdk) ims(region string) *ims.ImsClient {
	b := ims.ImsClientBuilder().WithEndpoint(k.url).WithCredential(k.basic(region)).WithHttpConfig(k.http)
	return ims.NewImsClient(k.client(b.SafeBuild))
}

func (k sdk) bss() *bss.BssintlClient {
	b := bss.BssintlClientBuilder().WithEndpoint(k.url).WithCredential(k.global()).WithHttpConfig(k.http)
	return bss.NewBssintlClient(k.client(b.SafeBuild))
}

func (k sdk) config() *rms.ConfigClient {
	b := rms.ConfigClientBuilder().WithEndpoint(k.url).WithCredential(k.global()).WithHttpConfig(k.http)
	return rms.NewConfigClient(k.client(b.SafeBuild))
}

func (k sdk) iam() *iam.IamClient {
	b := iam.IamClientBuilder().WithEndpoint(k.url).WithCredential(k.global()).WithHttpConfig(k.http)
	return iam.NewIamClient(k.client(b.SafeBuild))
}

// The service that the SDK lacks, called through its core.
type (
	purchaseRequest struct {
		ClientRequestId string `json:"Client-Request-Id"` //nolint:revive // the SDK finds fields by name
		Body            any    `json:"body,omitempty"`
	}
	purchaseResponse struct {
		OrderId        *string   `json:"order_id,omitempty"`
		InstanceIds    *[]string `json:"instance_ids,omitempty"`
		HttpStatusCode int       `json:"-"`
	}
)

func (k sdk) purchase(region string, body any) (*purchaseResponse, error) {
	k.t.Helper()
	b := core.NewHcHttpClientBuilder().WithEndpoint(k.url).WithCredential(k.basic(region)).WithHttpConfig(k.http)
	d := def.NewHttpRequestDefBuilder().WithMethod(http.MethodPost).WithPath("/v1/light-instances").
		WithContentType("application/json").WithResponse(new(purchaseResponse)).
		WithRequestField(def.NewFieldDef().WithName("ClientRequestId").WithJsonTag("Client-Request-Id").WithLocationType(def.Header)).
		WithRequestField(def.NewFieldDef().WithName("Body").WithLocationType(def.Body)).Build()
	out, err := k.client(b.SafeBuild).Sync(&purchaseRequest{ClientRequestId: "85a56f6c-8aee-4000-bf76-5d98d1ac023d", Body: body}, d)
	if err != nil {
		return nil, err
	}
	return out.(*purchaseResponse), nil
}

func must[T any](v T, err error) func(*testing.T, string) T {
	return func(t *testing.T, what string) T {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		return v
	}
}

func ptr[T any](v T) *T { return &v }

// wordpress is the request of the specification, for one instance.
func wordpress() map[string]any {
	return map[string]any{"instance_name": "web-eu", "description": "shop <1>", "plan_spec": "hf.large.1.30m.linux",
		"image_ref": map[string]any{"image_name": "WordPress", "image_version": "6.4"}, "region": "ap-southeast-3",
		"charging_mode": "prePaid", "period_type": "month", "period_num": 1, "purchase_quantity": 1,
		"is_auto_renew": false, "is_auto_pay": false,
		"extra_resources": []any{map[string]any{"type": "evs", "size": 20},
			map[string]any{"type": "cbr", "size": 20}, map[string]any{"type": "hss"}},
		"tags": []any{map[string]any{"key": "env", "value": "prod"}}}
}

func with(body map[string]any, change map[string]any) map[string]any {
	for k, v := range change {
		if v == nil {
			delete(body, k)
			continue
		}
		body[k] = v
	}
	return body
}

func TestSDKBuysPaysAndFindsTheInstance(t *testing.T) {
	s := simtest.Start(t, cloudsim.Options{})
	k := newSDK(t, s, s.Accounts()[0])
	bill := k.bss()

	bought := must(k.purchase("ap-southeast-3", with(wordpress(), map[string]any{"purchase_quantity": 2})))(t, "purchase")
	if bought.HttpStatusCode != http.StatusAccepted || bought.OrderId == nil || len(*bought.InstanceIds) != 2 {
		t.Fatalf("purchase: got %+v, want 202 with an order and two ids", bought)
	}
	order := *bought.OrderId

	details := must(bill.ShowCustomerOrderDetails(&bssmodel.ShowCustomerOrderDetailsRequest{OrderId: order}))(t, "order")
	if got := *details.OrderInfo.Status; got != 6 {
		t.Errorf("status of the new order: got %d, want 6", got)
	}
	// 2 × (9.00 + 20 GiB × 0.10 + 20 GiB × 0.04 + 2.00)
	if got := *details.OrderInfo.AmountAfterDiscount; got != 27.60 {
		t.Errorf("amount: got %v, want 27.60", got)
	}
	if got := len(*details.OrderLineItems); got != 4 {
		t.Errorf("lines: got %d, want the instances and three extras", got)
	}

	pay := &bssmodel.PayOrdersRequest{Body: &bssmodel.PayCustomerOrderV3Req{OrderId: order, UseCoupon: "NO", UseDiscount: "NO"}}
	paid := must(bill.PayOrders(pay))(t, "pay")
	if paid.HttpStatusCode != http.StatusNoContent {
		t.Errorf("pay: got %d, want 204", paid.HttpStatusCode)
	}
	var again *sdkerr.ServiceResponseError
	if _, err := bill.PayOrders(pay); !errors.As(err, &again) || again.ErrorCode != "CBC.99003106" {
		t.Errorf("second payment: got %v, want CBC.99003106", err)
	}
	balance := must(bill.ShowCustomerAccountBalances(&bssmodel.ShowCustomerAccountBalancesRequest{}))(t, "balance")
	if got := (*balance.AccountBalances)[0].Amount.String(); got != "472.4" {
		t.Errorf("balance: got %s, want 472.4", got)
	}

	status := func() int32 {
		d := must(bill.ShowCustomerOrderDetails(&bssmodel.ShowCustomerOrderDetailsRequest{OrderId: order}))(t, "order")
		return *d.OrderInfo.Status
	}
	if got := status(); got != 3 {
		t.Errorf("status after payment: got %d, want 3", got)
	}
	move(t, s, 7*time.Second)
	if got := status(); got != 5 {
		t.Errorf("status after seven seconds: got %d, want 5", got)
	}
	res := must(bill.ListPayPerUseCustomerResources(&bssmodel.ListPayPerUseCustomerResourcesRequest{
		Body: &bssmodel.QueryResourcesReq{OrderId: &order, OnlyMainResource: ptr(int32(1))}}))(t, "resources")
	if *res.TotalCount != 2 || *(*res.Data)[0].ResourceName != "web-eu-0001" || *(*res.Data)[1].ResourceName != "web-eu-0002" {
		t.Errorf("resources of the order: got %+v, want web-eu-0001 and web-eu-0002", res.Data)
	}

	list := func() []rmsmodel.ResourceEntity {
		r := must(k.config().ListAllResources(&rmsmodel.ListAllResourcesRequest{Type: ptr("hcss.l-instance"), Limit: ptr(int32(200))}))(t,
			"Config")
		return *r.Resources
	}
	if got := list(); len(got) != 0 {
		t.Errorf("Config at once: got %d instances, want none yet", len(got))
	}
	move(t, s, 6*time.Second)
	instances := list()
	if len(instances) != 2 {
		t.Fatalf("Config later: got %d instances, want 2", len(instances))
	}
	servers := must(k.ecs("ap-southeast-3").ListServersDetails(&ecsmodel.ListServersDetailsRequest{Limit: ptr(int32(100))}))(t, "servers")
	if *servers.Count != 2 {
		t.Fatalf("servers: got %d, want 2", *servers.Count)
	}
	first := (*servers.Servers)[0]
	if first.Status != "ACTIVE" || first.Metadata["lockSource"] != "hcss" || first.Metadata["lockSourceId"] != *instances[0].Id {
		t.Errorf("server: got %s locked by %v, want ACTIVE and the instance %s", first.Status, first.Metadata["lockSourceId"],
			*instances[0].Id)
	}
	one := must(k.ecs("ap-southeast-3").ShowServer(&ecsmodel.ShowServerRequest{ServerId: first.Id}))(t, "server")
	if one.Server.Id != first.Id || one.Server.OSEXTSTSpowerState != 1 {
		t.Errorf("server: got %+v", one.Server)
	}
}

// move advances the calendar of the Sandbox.
func move(t *testing.T, s *cloudsim.Server, d time.Duration) {
	t.Helper()
	if err := s.Advance(d); err != nil {
		t.Fatalf("advance: %v", err)
	}
}

func TestSDKReadsIdentityAndImages(t *testing.T) {
	s := simtest.Start(t, cloudsim.Options{})
	k := newSDK(t, s, s.Accounts()[0])

	projects := must(k.iam().KeystoneListProjects(&iammodel.KeystoneListProjectsRequest{}))(t, "projects")
	if got := len(*projects.Projects); got != 7 {
		t.Errorf("projects: got %d, want six regions and MOS", got)
	}
	one := must(k.iam().KeystoneListProjects(&iammodel.KeystoneListProjectsRequest{Name: ptr("tr-west-1")}))(t, "project by name")
	if len(*one.Projects) != 1 || (*one.Projects)[0].Id != k.project("tr-west-1") || (*one.Projects)[0].DomainId != k.acct.ID {
		t.Errorf("project by name: got %+v", *one.Projects)
	}
	domains := must(k.iam().KeystoneListAuthDomains(&iammodel.KeystoneListAuthDomainsRequest{}))(t, "domains")
	if (*domains.Domains)[0].Id != k.acct.ID {
		t.Errorf("domain: got %s, want %s", (*domains.Domains)[0].Id, k.acct.ID)
	}
	if got := len(*must(k.iam().KeystoneListAuthProjects(&iammodel.KeystoneListAuthProjectsRequest{}))(t, "auth projects").
		Projects); got != 7 {
		t.Errorf("projects of the user: got %d, want 7", got)
	}

	kind, active := imsmodel.GetListImagesRequestImagetypeEnum().PRIVATE, imsmodel.GetListImagesRequestStatusEnum().ACTIVE
	images := must(k.ims("ap-southeast-3").ListImages(&imsmodel.ListImagesRequest{Imagetype: &kind, Status: &active}))(t, "images")
	if len(*images.Images) != 2 {
		t.Fatalf("images: got %d, want a Linux and a Windows one", len(*images.Images))
	}
	none := must(k.ims("me-east-1").ListImages(&imsmodel.ListImagesRequest{Imagetype: &kind}))(t, "images elsewhere")
	if len(*none.Images) != 0 {
		t.Errorf("images in ME-Riyadh: got %d, want none", len(*none.Images))
	}
}

func TestSDKLogsInByPassword(t *testing.T) {
	s := simtest.Start(t, cloudsim.Options{})
	acct := s.Accounts()[0]
	k := newSDK(t, s, acct)
	req := func(password string) *iammodel.KeystoneCreateUserTokenByPasswordRequest {
		return &iammodel.KeystoneCreateUserTokenByPasswordRequest{Body: &iammodel.KeystoneCreateUserTokenByPasswordRequestBody{
			Auth: &iammodel.PwdAuth{Identity: &iammodel.PwdIdentity{
				Methods: []iammodel.PwdIdentityMethods{iammodel.GetPwdIdentityMethodsEnum().PASSWORD},
				Password: &iammodel.PwdPassword{User: &iammodel.PwdPasswordUser{Name: acct.IAMUser, Password: password,
					Domain: &iammodel.PwdPasswordUserDomain{Name: acct.DomainName}}}},
				Scope: &iammodel.AuthScope{Project: &iammodel.AuthScopeProject{Name: ptr("ap-southeast-3")}}}}}
	}
	in := must(k.iam().KeystoneCreateUserTokenByPassword(req(acct.IAMPassword)))(t, "token")
	if in.XSubjectToken == nil || *in.XSubjectToken == "" || in.Token.Project.Id != k.project("ap-southeast-3") ||
		in.Token.User.Domain.Id != acct.ID {
		t.Errorf("token: got %+v", in)
	}
	var wrong *sdkerr.ServiceResponseError
	if _, err := k.iam().KeystoneCreateUserTokenByPassword(req("wrong")); !errors.As(err, &wrong) ||
		wrong.StatusCode != http.StatusUnauthorized {
		t.Errorf("wrong password: got %v, want 401", err)
	}
}

func TestSDKAsksForMoneyAndTraffic(t *testing.T) {
	s := simtest.Start(t, cloudsim.Options{})
	k := newSDK(t, s, s.Accounts()[0])
	bill := k.bss()
	price := must(bill.ListRateOnPeriodDetail(&bssmodel.ListRateOnPeriodDetailRequest{Body: &bssmodel.RateOnPeriodReq{
		ProjectId: k.project("ap-southeast-3"),
		ProductInfos: []bssmodel.PeriodProductInfo{{Id: "1", CloudServiceType: "hws.service.type.hcss",
			ResourceType: "hws.resource.type.hecsfusion", ResourceSpec: "hf.large.1.30m.linux", Region: "ap-southeast-3",
			PeriodType: 2, PeriodNum: 1, SubscriptionNum: 2}}}}))(t, "price")
	if got := price.OfficialWebsiteRatingResult.OfficialWebsiteAmount.String(); got != "18" {
		t.Errorf("price of two: got %s, want 18", got)
	}
	specs := must(bill.ListResourceSpecs(&bssmodel.ListResourceSpecsRequest{Body: &bssmodel.ResourceSpecsQueryReq{
		CloudServiceType: "hws.service.type.hcss", ResourceType: "hws.resource.type.hecsfusion", RegionCode: "tr-west-1", ChargeMode: "1",
		Limit: ptr(int32(5))}}))(t, "specs")
	if len(*specs.CloudServiceBasics) != 5 || specs.PageInfo.NextMarker == nil {
		t.Errorf("first page of specifications: got %d, marker %v", len(*specs.CloudServiceBasics), specs.PageInfo.NextMarker)
	}

	if err := s.Fleet(k.acct.Name, 30); err != nil {
		t.Fatal(err)
	}
	packs := must(bill.ListFreeResourceInfos(
		&bssmodel.ListFreeResourceInfosRequest{Body: &bssmodel.ListFreeResourceInfosReq{Limit: ptr(int32(100))}}))(t, "packages")
	var ids []string
	for _, p := range *packs.FreeResourcePackages {
		ids = append(ids, *(*p.FreeResources)[0].FreeResourceId)
	}
	use := must(bill.ListFreeResourceUsages(
		&bssmodel.ListFreeResourceUsagesRequest{Body: &bssmodel.ListFreeResourceUsagesReq{FreeResourceIds: ids}}))(t, "traffic")
	if len(*use.FreeResources) != 30 {
		t.Fatalf("traffic: got %d packages, want 30", len(*use.FreeResources))
	}
	for _, f := range *use.FreeResources {
		if f.Amount.IsNegative() || f.Amount.GreaterThan(*f.OriginalAmount) || *f.MeasureId != 10 {
			t.Errorf("package %s: %s of %s left in unit %d", *f.FreeResourceId, f.Amount, f.OriginalAmount, *f.MeasureId)
		}
	}
	orders := must(bill.ListCustomerOrders(&bssmodel.ListCustomerOrdersRequest{Limit: ptr(int32(20)), OrderBy: ptr("-createTime")}))(t,
		"orders")
	if *orders.TotalCount != 30 || len(*orders.OrderInfos) != 20 {
		t.Errorf("orders: got %d of %d, want 20 of 30", len(*orders.OrderInfos), *orders.TotalCount)
	}
}

func TestSDKReadsAndSwitchesTheRest(t *testing.T) {
	s := simtest.Start(t, cloudsim.Options{})
	k := newSDK(t, s, s.Accounts()[0])
	if err := s.Fleet("Sandbox", 12); err != nil {
		t.Fatal(err)
	}
	n := must(k.config().CountAllResources(&rmsmodel.CountAllResourcesRequest{Type: &[]string{"hcss.l-instance"}}))(t, "count")
	check(t, "count", *n.TotalCount, int32(12))
	all := must(k.config().ListAllResources(&rmsmodel.ListAllResourcesRequest{Type: ptr("hcss.l-instance"), RegionId: ptr("tr-west-1")}))(t,
		"instances")
	check(t, "instances of a region", len(*all.Resources), 2)
	one := must(k.config().ShowResourceById(&rmsmodel.ShowResourceByIdRequest{Provider: "hcss", Type: "l-instance",
		ResourceId: *(*all.Resources)[0].Id}))(t, "instance")
	check(t, "instance", *one.Name, *(*all.Resources)[0].Name)

	servers := must(k.ecs("tr-west-1").ListServersDetails(&ecsmodel.ListServersDetailsRequest{
		ServerId: ptr("00000000-0000-0000-0000-000000000000")}))(t, "unknown server in a list")
	check(t, "unknown server", (*servers.Servers)[0].Id, "00000000-0000-0000-0000-000000000000")
	_, err := k.ecs("tr-west-1").ShowServer(&ecsmodel.ShowServerRequest{ServerId: "00000000-0000-0000-0000-000000000000"})
	var gone *sdkerr.ServiceResponseError
	if !errors.As(err, &gone) || gone.StatusCode != http.StatusNotFound || gone.ErrorCode != "Ecs.0114" {
		t.Errorf("unknown server: got %v, want 404 Ecs.0114", err)
	}

	bill := k.bss()
	live := ""
	res := must(bill.ListPayPerUseCustomerResources(&bssmodel.ListPayPerUseCustomerResourcesRequest{Body: &bssmodel.QueryResourcesReq{
		OnlyMainResource: ptr(int32(1)), StatusList: &[]int32{2}, Limit: ptr(int32(50))}}))(t, "resources")
	for _, r := range *res.Data {
		if *r.ExpirePolicy == 0 {
			live = *r.ResourceId
		}
	}
	must(bill.AutoRenewalResources(&bssmodel.AutoRenewalResourcesRequest{ResourceId: live}))(t, "auto-renew on")
	must(bill.CancelAutoRenewalResources(&bssmodel.CancelAutoRenewalResourcesRequest{ResourceId: live}))(t, "auto-renew off")

	bought := must(k.purchase("tr-west-1", with(small(), map[string]any{"region": "tr-west-1"})))(t, "purchase")
	must(bill.CancelCustomerOrder(&bssmodel.CancelCustomerOrderRequest{Body: &bssmodel.CancelCustomerOrderReq{OrderId: *bought.OrderId}}))(
		t, "cancel")
	orders := must(bill.ListCustomerOrders(&bssmodel.ListCustomerOrdersRequest{Status: ptr(int32(4))}))(t, "cancelled orders")
	check(t, "cancelled order", *(*orders.OrderInfos)[0].OrderId, *bought.OrderId)
}

// running is a server of the account that runs, in AP-Singapore.
func (k sdk) running() ecsmodel.ServerDetail {
	k.t.Helper()
	list := must(k.ecs("ap-southeast-3").
		ListServersDetails(&ecsmodel.ListServersDetailsRequest{Status: ptr("ACTIVE"), Limit: ptr(int32(1))}))(k.t, "servers")
	if len(*list.Servers) != 1 {
		k.t.Fatal("no server runs")
	}
	return (*list.Servers)[0]
}

func TestSDKChangesOneServer(t *testing.T) {
	s := simtest.Start(t, cloudsim.Options{})
	k := newSDK(t, s, s.Accounts()[0])
	if err := s.Fleet("Sandbox", 60); err != nil {
		t.Fatal(err)
	}
	id, c := k.running().Id, k.ecs("ap-southeast-3")
	changed := must(c.UpdateServer(&ecsmodel.UpdateServerRequest{ServerId: id, Body: &ecsmodel.UpdateServerRequestBody{
		Server: &ecsmodel.UpdateServerOption{Name: ptr("web-1"), Description: ptr("shop"), Hostname: ptr("NameA")}}}))(t, "update")
	check(t, "name in the answer", changed.Server.Name, "web-1")
	check(t, "image in the answer", changed.Server.Image, "")
	one := must(c.ShowServer(&ecsmodel.ShowServerRequest{ServerId: id}))(t, "server").Server
	check(t, "name", one.Name, "web-1")
	check(t, "description", *one.Description, "shop")
	check(t, "hostname", one.OSEXTSRVATTRhostname, "NameA")

	must(c.BatchCreateServerTags(&ecsmodel.BatchCreateServerTagsRequest{ServerId: id, Body: &ecsmodel.BatchCreateServerTagsRequestBody{
		Action: ecsmodel.GetBatchCreateServerTagsRequestBodyActionEnum().CREATE,
		Tags:   []ecsmodel.BatchAddServerTag{{Key: "env", Value: ptr("prod")}, {Key: "old", Value: ptr("")}}}}))(t, "tag")
	must(c.BatchDeleteServerTags(&ecsmodel.BatchDeleteServerTagsRequest{ServerId: id, Body: &ecsmodel.BatchDeleteServerTagsRequestBody{
		Action: ecsmodel.GetBatchDeleteServerTagsRequestBodyActionEnum().DELETE, Tags: []ecsmodel.ServerTag{{Key: "old"}}}}))(t, "untag")
	tags := must(c.ShowServerTags(&ecsmodel.ShowServerTagsRequest{ServerId: id}))(t, "tags")
	check(t, "tags", len(*tags.Tags), 2) // one is the system's
	check(t, "tag of the project", len(*must(c.ListServerTags(&ecsmodel.ListServerTagsRequest{}))(t, "tags of the project").Tags), 1)

	check(t, "plug-in", *must(c.ShowResetPasswordFlag(&ecsmodel.ShowResetPasswordFlagRequest{ServerId: id}))(t, "flag").ResetpwdFlag,
		"True")
	screen := must(c.ShowServerRemoteConsole(&ecsmodel.ShowServerRemoteConsoleRequest{ServerId: id,
		Body: &ecsmodel.ShowServerRemoteConsoleRequestBody{
			RemoteConsole: &ecsmodel.GetServerRemoteConsoleOption{Protocol: ecsmodel.GetGetServerRemoteConsoleOptionProtocolEnum().VNC,
				Type: ecsmodel.GetGetServerRemoteConsoleOptionTypeEnum().NOVNC}}}))(t, "console")
	for _, want := range []int{http.StatusOK, http.StatusForbidden} { // it opens once
		res := must(http.Get(screen.RemoteConsole.Url))(t, "screen")
		_ = res.Body.Close()
		check(t, "screen", res.StatusCode, want)
	}
	limits := must(c.ShowServerLimits(&ecsmodel.ShowServerLimitsRequest{}))(t, "limits")
	if limits.Absolute.TotalInstancesUsed < 1 || limits.Absolute.MaxTotalInstances != -1 {
		t.Errorf("limits: got %+v", limits.Absolute)
	}
}

func TestSDKReadsMetricsAndDailyUse(t *testing.T) {
	s := simtest.Start(t, cloudsim.Options{})
	k := newSDK(t, s, s.Accounts()[0])
	if err := s.Fleet("Sandbox", 60); err != nil {
		t.Fatal(err)
	}
	period, average := cesmodel.GetBatchPeriodEnum().E_300, cesmodel.GetFilterEnum().AVERAGE
	now := s.Now()
	list := must(k.ces("ap-southeast-3").
		BatchListMetricData(&cesmodel.BatchListMetricDataRequest{Body: &cesmodel.BatchListMetricDataRequestBody{
			Metrics: []cesmodel.MetricInfo{{Namespace: "SYS.ECS", MetricName: "cpu_util",
				Dimensions: []cesmodel.MetricsDimension{{Name: "instance_id", Value: k.running().Id}}}},
			Period: &period, Filter: &average, From: now.Add(-6 * time.Hour).UnixMilli(), To: now.UnixMilli()}}))(t, "metrics")
	got := (*list.Metrics)[0]
	if got.MetricName != "cpu_util" || *got.Unit != "%" || len(got.Datapoints) < 10 || got.Datapoints[0].Average == nil {
		t.Errorf("metrics: got %+v", got)
	}
	bill := k.bss()
	day := func(ago int) string { return now.AddDate(0, 0, -ago).Format(time.DateOnly) }
	use := must(bill.ListFreeResourcesUsageRecords(&bssmodel.ListFreeResourcesUsageRecordsRequest{DeductTimeBegin: day(30),
		DeductTimeEnd: day(0), Limit: ptr(int32(50))}))(t, "usage")
	if *use.TotalCount < 50 || len(*use.FreeResourceRecords) != 50 || *(*use.FreeResourceRecords)[0].MeasureId != 10 {
		t.Errorf("usage: got %d of %d", len(*use.FreeResourceRecords), *use.TotalCount)
	}
}
