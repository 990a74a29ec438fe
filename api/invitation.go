package api

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"time"

	"yanlu/internal/account"
	"yanlu/internal/audit"
	"yanlu/internal/document"
	"yanlu/internal/fault"
	"yanlu/internal/member"
	"yanlu/internal/store"
)

type inviteMany struct {
	Keyed
	Body struct {
		People []string    `json:"people,omitempty" maxItems:"200" format:"uuid" doc:"要邀请的人；不填则按联络组或角色"`
		Group  string      `json:"group,omitempty" maxLength:"50" example:"第一联络组" doc:"这个联络组里还没有绑定的人"`
		Role   member.Role `json:"role,omitempty" maxLength:"30" example:"MEMBER" doc:"有这个角色、还没有绑定的人"`
	}
}

type invitedView struct {
	Invited []IssueView `json:"invited" nullable:"false"`
	Skipped []skipView  `json:"skipped" nullable:"false" doc:"Who was not invited, and why"`
	More    bool        `json:"more" doc:"There are others of this group or role: ask again for the next 200"`
}

// IssueView is an invitation without its code.
type IssueView struct {
	ID         string                  `json:"id" format:"uuid"`
	PersonID   string                  `json:"person_id" format:"uuid"`
	Person     string                  `json:"person"`
	Group      string                  `json:"group,omitempty"`
	State      account.InvitationState `json:"state" enum:"ISSUED,USED,EXPIRED"`
	StateLabel string                  `json:"state_label" example:"有效"`
	CreatedAt  *time.Time              `json:"created_at,omitempty"`
	ExpiresAt  time.Time               `json:"expires_at"`
	UsedAt     *time.Time              `json:"used_at,omitempty"`
}

type skipView struct {
	PersonID string       `json:"person_id"`
	Person   string       `json:"person,omitempty"`
	Reason   account.Skip `json:"reason" enum:"BOUND,SUSPENDED,LIVE,NOT_FOUND,ADMINISTRATOR"`
	Label    string       `json:"label" example:"已绑定微信"`
}

// openedView is an invitation with its code, for reading it out to somebody.
type openedView struct {
	IssueView
	Code string `json:"code,omitempty" doc:"Only while it works; that of an administrator only for administrators" example:"7KQ2MXA9PD"`
}

var (
	invitationStates = map[account.InvitationState]string{account.Issued: "有效", account.Used: "已使用", account.Expired: "已失效"}
	skipLabels       = map[account.Skip]string{
		account.SkipBound: "已绑定微信", account.SkipSuspended: "账号已停用", account.SkipLive: "已有有效的邀请", account.SkipNotFound: "名册中没有此人",
		account.SkipAdministrator: "平台管理员，请由平台管理员邀请",
	}
)

type listInvitations struct {
	Paged
	State account.InvitationState `query:"state" enum:"ISSUED,USED,EXPIRED" doc:"Only those in this state"`
}

type printCards struct {
	Group string `query:"group" maxLength:"50" doc:"Only this group" example:"第一联络组"`
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"200" doc:"How many cards"`
	After string `query:"after" maxLength:"36" doc:"X-Next-Cursor of the file before"`
}

func (a *API) invitationRoutes() {
	with := func(id, method, path, summary string, faults ...*fault.Fault) operation {
		return operation{id: id, method: method, path: path, summary: summary, tag: "名册", who: roles(member.MemberWorkStaff, member.PlatformAdmin), faults: faults}
	}
	act(a, with("invitation.create", http.MethodPost, "/v1/invitations", "批量发邀请", account.ErrNobody), nil, a.inviteMany)
	read(a, with("invitation.list", http.MethodGet, "/v1/invitations", "邀请列表，新的在前", errCursor), a.listInvitations)
	one := with("invitation.read", http.MethodGet, "/v1/invitations/{id}", "查看邀请码", account.ErrNotFound)
	one.shows = audit.Look
	read(a, one, func(ctx context.Context, in *IDInput) (openedView, error) {
		x, err := a.accounts.Invitation(ctx, actorOf(ctx), in.ID)
		return openedView{issueViewOf(x), x.Code}, err
	})
	act(a, with("invitation.revoke", http.MethodPost, "/v1/invitations/{id}/revoke", "作废邀请", account.ErrNotFound, account.ErrOver, member.ErrAdministrator),
		func(ctx context.Context, in KeyedID) error {
			_, err := a.accounts.Invitation(ctx, actorOf(ctx), in.ID)
			return err
		}, func(ctx context.Context, tx *store.Tx, in KeyedID) (doneView, error) {
			return doneView{true}, a.accounts.Revoke(ctx, tx, actorOf(ctx), in.ID)
		})
	cards := with("invitation.cards", http.MethodGet, "/v1/invitations/cards", "打印邀请卡（Word文档）", errCursor, account.ErrNoCards)
	cards.shows = audit.Export
	export(a, cards, document.Type, a.printCards)
}

func issueViewOf(x account.Issue) IssueView {
	return IssueView{
		ID: x.ID, PersonID: x.PersonID, Person: x.Name, Group: x.GroupName, State: x.State, StateLabel: invitationStates[x.State],
		CreatedAt: localOrNil(&x.CreatedAt), ExpiresAt: local(x.ExpiresAt), UsedAt: localOrNil(x.UsedAt),
	}
}

func (a *API) inviteMany(ctx context.Context, tx *store.Tx, in inviteMany) (invitedView, error) {
	people, more, err := a.accounts.InviteMany(ctx, tx, actorOf(ctx), account.Wish{People: in.Body.People, Group: in.Body.Group, Role: in.Body.Role})
	v := invitedView{Invited: []IssueView{}, Skipped: []skipView{}, More: more}
	for _, p := range people {
		if p.Skipped != "" {
			v.Skipped = append(v.Skipped, skipView{p.ID, p.Name, p.Skipped, skipLabels[p.Skipped]})
			continue
		}
		audit.About(ctx, "person", p.ID)
		v.Invited = append(v.Invited, IssueView{
			ID: p.InvitationID, PersonID: p.ID, Person: p.Name, State: account.Issued, StateLabel: invitationStates[account.Issued], ExpiresAt: local(p.ExpiresAt),
		})
	}
	return v, err
}

func (a *API) listInvitations(ctx context.Context, in *listInvitations) (page[IssueView], error) {
	before, err := idCursor(in.After)
	if err != nil {
		return page[IssueView]{}, err
	}
	rows, err := a.accounts.Invitations(ctx, actorOf(ctx), in.State, before, in.Limit+1)
	return cut(rows, in.Limit, func(x account.Issue) string { return x.ID }, issueViewOf), err
}

// printCards lays the cards out. Where the platform gave no picture the card has
// the code in letters, which works as well; the log says why.
func (a *API) printCards(ctx context.Context, in *printCards) (file, error) {
	after, err := idCursor(in.After)
	if err != nil {
		return file{}, err
	}
	sheet, err := a.accounts.Cards(ctx, actorOf(ctx), in.Group, after, in.Limit)
	if err != nil {
		return file{}, err
	}
	if sheet.Trouble != nil {
		a.log.WarnContext(ctx, "mini-program codes are missing on cards", "request_id", requestID(ctx), "error", sheet.Trouble)
	}
	cards := make([]document.Card, len(sheet.Cards))
	for i, x := range sheet.Cards {
		audit.About(ctx, "person", x.PersonID)
		about := strings.Join(strings.Fields(x.Position+" "+x.GroupName), " · ")
		cards[i] = document.Card{Name: x.Name, About: about, Code: x.Code, Until: local(x.ExpiresAt).Format("2006年1月2日"), Picture: x.Picture}
	}
	var b bytes.Buffer
	if err := document.Cards(&b, sheet.Institution, cards); err != nil {
		return file{}, err
	}
	f := attached(document.Type, "invitations.docx", "邀请卡.docx", b.Bytes())
	f.Next = sheet.Next
	return f, nil
}
