package api

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"time"

	"github.com/boombuler/barcode/qr"
	"github.com/gin-gonic/gin"

	"yanlu/internal/account"
	"yanlu/internal/fault"
)

// deskView is what a browser shows to somebody who wants to log in.
type deskView struct {
	ID      string    `json:"id" format:"uuid"`
	Digits  string    `json:"digits" example:"0427" doc:"四位核对数字，手机上显示同样的数字"`
	Code    string    `json:"code" example:"https://yanlu.example.cn/desk?ticket=0192f1c0-7d7a-7c31-9d2e-3f0a5b6c7d8e" doc:"What the QR code says; the mini-program scans it and takes the ticket from it"`
	Picture string    `json:"picture" example:"data:image/svg+xml;base64,PHN2Zz4=" doc:"The QR code, as the address of a picture"`
	EndsAt  time.Time `json:"ends_at"`
}

// deskLoginView is what a telephone shows of a desk before it lets it in.
type deskLoginView struct {
	ID      string            `json:"id" format:"uuid"`
	State   account.DeskState `json:"state" enum:"WAITING,CONFIRMED,REFUSED,EXPIRED,DONE"`
	Digits  string            `json:"digits" example:"0427"`
	Device  string            `json:"device" example:"Windows 电脑，Edge 浏览器"`
	Network string            `json:"network" example:"203.0.113.*" doc:"From which network the desk asks"`
	EndsAt  time.Time         `json:"ends_at"`
}

// deskStateView is how far a login at a desk has come.
type deskStateView struct {
	State account.DeskState `json:"state" enum:"WAITING,REFUSED,EXPIRED,DONE" doc:"WAITING: ask again in a few seconds; DONE: the cookie of the session is set"`
}

type deskInput struct{ visit }

type redeemInput struct {
	IDInput
	visit
}

func (a *API) deskRoutes() {
	with := func(o operation) operation { o.tag = "电脑登录"; return o }

	enter(a, with(operation{
		id: "desk.open", method: http.MethodPost, path: "/v1/desk-logins", summary: "在电脑上请求登录", who: anybody, status: http.StatusCreated,
		faults: []*fault.Fault{account.ErrDeskDown, errForeign},
	}), a.openDesk)
	enter(a, with(operation{
		id: "desk.redeem", method: http.MethodPost, path: "/v1/desk-logins/{id}/redeem", summary: "查看是否已在手机上确认", who: holder,
		faults: []*fault.Fault{account.ErrNoDesk, account.ErrDeskOver, account.ErrDeskDown, errForeign},
	}), a.redeemDesk)
	read(a, with(operation{
		id: "desk.read", method: http.MethodGet, path: "/v1/desk-logins/{id}", summary: "扫码后核对电脑登录", who: everybody,
		faults: []*fault.Fault{account.ErrNoDesk, account.ErrDeskDown, account.ErrPhoneOnly},
	}), func(ctx context.Context, in *IDInput) (deskLoginView, error) {
		d, err := a.accounts.DeskLogin(ctx, callerOf(ctx), in.ID)
		return deskLoginView{d.ID, d.State, d.Digits, d.Device, d.Network, local(d.EndsAt)}, err
	})
	for action, o := range map[string]struct {
		summary string
		do      func(context.Context, account.Caller, string) error
	}{
		"confirm": {"确认电脑登录", a.accounts.ConfirmDesk},
		"refuse":  {"拒绝电脑登录", a.accounts.RefuseDesk},
	} {
		enter(a, with(operation{
			id: "desk." + action, method: http.MethodPost, path: "/v1/desk-logins/{id}/" + action, summary: o.summary, who: everybody, own: true,
			faults: []*fault.Fault{account.ErrNoDesk, account.ErrDeskOver, account.ErrDeskDown, account.ErrPhoneOnly},
		}), func(ctx context.Context, in *IDInput) (doneView, error) {
			return doneView{true}, o.do(ctx, callerOf(ctx), in.ID)
		})
	}
	// Whoever scans the code with something else than the mini-program comes here.
	a.engine.GET("/desk", func(c *gin.Context) {
		c.String(http.StatusOK, "请在微信里打开小程序，用小程序里的“扫一扫”扫电脑上的二维码。\n")
	})
}

// deskSecret is what a browser proves itself by, as account makes it.
var deskSecret = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)

// openDesk keeps the secret that a browser has already, so that two of its pages
// do not turn each other away.
func (a *API) openDesk(ctx context.Context, in *deskInput) (deskView, error) {
	r := in.request.Request
	if err := a.ours(r); err != nil {
		return deskView{}, err
	}
	secret := a.cookie(r, deskCookie)
	if !deskSecret.MatchString(secret) {
		secret = account.NewDeskSecret()
	}
	d, err := a.accounts.OpenDesk(ctx, secret, deviceOf(r.UserAgent()), networkOf(address(ctx)))
	if err != nil {
		return deskView{}, err
	}
	code := a.home(r) + "/desk?ticket=" + d.ID
	picture, err := pictureOf(code)
	if err != nil {
		return deskView{}, err
	}
	a.setCookie(in.request, deskCookie, secret, d.EndsAt.Sub(a.now())+time.Minute)
	return deskView{d.ID, d.Digits, code, picture, local(d.EndsAt)}, nil
}

// redeemDesk is asked every few seconds. An office of twenty behind one address
// shall come in at the same time, so whoever holds a ticket is limited by it, and
// by the address whoever holds none: tickets must not be tried out at will.
func (a *API) redeemDesk(ctx context.Context, in *redeemInput) (deskStateView, error) {
	if err := a.ours(in.request.Request); err != nil {
		return deskStateView{}, err
	}
	if err := a.limiter.allow(ctx, "desk:"+in.ID); err != nil {
		return deskStateView{}, err
	}
	state, token, session, err := a.accounts.RedeemDesk(ctx, in.ID, a.cookie(in.request.Request, deskCookie))
	if errors.Is(err, account.ErrNoDesk) {
		if err := a.limiter.allow(ctx, "address:"+address(ctx)); err != nil {
			return deskStateView{}, err
		}
	}
	if err != nil {
		return deskStateView{}, err
	}
	if state == account.DeskDone {
		a.setCookie(in.request, deskCookie, "", 0)
		err = a.seat(ctx, in.request, token, session)
	}
	return deskStateView{state}, err
}

// seat gives a browser the session that begins in it, and ends the one before.
func (a *API) seat(ctx context.Context, c *gin.Context, token string, s account.Session) error {
	if before := a.cookie(c.Request, sessionCookie); before != "" {
		if err := a.accounts.StandUp(ctx, before); err != nil {
			return err
		}
	}
	a.setCookie(c, sessionCookie, token, s.EndsAt.Sub(a.now()))
	return nil
}

// networkOf shortens an address to what somebody may recognise and what tells
// others little.
func networkOf(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return "未知网络"
	}
	bits, more := 24, ".*"
	if ip = ip.Unmap(); ip.Is6() {
		bits, more = 48, "*"
	}
	prefix, _ := ip.Prefix(bits) // of an address, shorter than it
	shown := strings.TrimSuffix(prefix.Addr().String(), ".0") + more
	switch {
	case ip.IsLoopback():
		return "本机"
	case ip.IsPrivate():
		return "内网 " + shown
	}
	return shown
}

// quiet is the margin that a QR code needs, in modules.
const quiet = 4

// pictureOf draws the QR code of a text, as an SVG in the address of a picture,
// so that a page needs nothing to show it.
func pictureOf(text string) (string, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return "", fmt.Errorf("draw a QR code: %w", err)
	}
	side, modules := code.Bounds().Dx(), strings.Builder{}
	for y := range side {
		for x := range side {
			if dark, _, _, _ := code.At(x, y).RGBA(); dark == 0 {
				fmt.Fprintf(&modules, "M%d %dh1v1h-1z", x+quiet, y+quiet)
			}
		}
	}
	svg := fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %[1]d" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h%[1]dv%[1]dH0z"/><path d="%s"/></svg>`,
		side+2*quiet, modules.String())
	return "data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString([]byte(svg)), nil
}
