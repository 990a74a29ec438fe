package api

import (
	"context"
	"net/http"
	"time"

	"yanlu/internal/account"
	"yanlu/internal/fault"
	"yanlu/internal/member"
	"yanlu/internal/store"
)

// personView is a row of the roster as staff see it; the phone is masked.
type personView struct {
	ID           string            `json:"id" format:"uuid"`
	Name         string            `json:"name"`
	Phone        string            `json:"phone,omitempty" example:"138****0001"`
	Position     string            `json:"position,omitempty" example:"秘书长"`
	Sector       string            `json:"sector,omitempty"`
	Group        string            `json:"group,omitempty"`
	Term         string            `json:"term,omitempty" example:"第十一届" doc:"Of the newest appointment as a member"`
	Former       bool              `json:"former" doc:"历届委员: was a member and is none now"`
	Suspended    bool              `json:"suspended"`
	Version      int64             `json:"version" doc:"To send with a change"`
	Appointments []appointmentView `json:"appointments" nullable:"false"`
}

type newPerson struct {
	Keyed
	Body struct {
		PersonFields
		Phone string `json:"phone,omitempty" maxLength:"20" example:"13800000099" doc:"手机号，可以以后再补"`
	}
}

// PersonFields are what of a row is changed together.
type PersonFields struct {
	Name     string `json:"name" minLength:"1" maxLength:"50" example:"迪丽努尔·阿布都" doc:"姓名"`
	Position string `json:"position,omitempty" maxLength:"100" example:"副主席" doc:"职务"`
	Sector   string `json:"sector,omitempty" maxLength:"50" example:"农业界" doc:"界别，从列表中选"`
	Group    string `json:"group,omitempty" maxLength:"50" example:"第一联络组" doc:"联络组，从列表中选"`
}

func (f PersonFields) input() member.PersonInput {
	return member.PersonInput{Name: f.Name, Position: f.Position, Sector: f.Sector, GroupName: f.Group}
}

type changePerson struct {
	KeyedID
	Body struct {
		PersonFields
		Seen
	}
}

// Seen is the version that the caller has seen.
type Seen struct {
	Version int64 `json:"version" minimum:"1" example:"1" doc:"您看到的版本"`
}

type endInput struct {
	KeyedID
	Body struct {
		Seen
		Ends string `json:"ends,omitempty" format:"date" maxLength:"10" example:"2026-03-31" doc:"最后一天，不填为今天"`
	}
}

type listPeople struct {
	Paged
	Role     member.Role     `query:"role" maxLength:"30" doc:"Who holds this role today" example:"MEMBER"`
	Unit     string          `query:"unit" format:"uuid" doc:"Who holds a role of this unit today"`
	Term     string          `query:"term" format:"uuid" doc:"Who was a member in this term"`
	Sector   string          `query:"sector" maxLength:"50" doc:"Only this 界别" example:"农业界"`
	Group    string          `query:"group" maxLength:"50" doc:"Only this 联络组" example:"第一联络组"`
	Standing member.Standing `query:"standing" enum:"CURRENT,FORMER" doc:"CURRENT: who holds anything today; FORMER: 历届委员. Everybody where absent"`
	Name     string          `query:"name" maxLength:"50" doc:"What the name begins with" example:"古丽"`
	Order    member.Order    `query:"order" enum:"ENTERED,STROKES,RANK,SECTOR" default:"ENTERED" doc:"As entered, by 姓氏笔画, by 职务, by 界别"`
}

type appointmentView struct {
	ID      string      `json:"id" format:"uuid"`
	Role    member.Role `json:"role"`
	Label   string      `json:"label"`
	UnitID  string      `json:"unit_id,omitempty" format:"uuid"`
	TermID  string      `json:"term_id,omitempty" format:"uuid"`
	Begins  string      `json:"begins" format:"date"`
	Ends    string      `json:"ends,omitempty" format:"date" doc:"Before begins where it was taken back before it held"`
	Version int64       `json:"version"`
}

type phoneInput struct {
	KeyedID
	Body struct {
		Phone string `json:"phone" minLength:"11" maxLength:"20" example:"13800000099" doc:"手机号"`
	}
}

type invitationView struct {
	Code      string    `json:"code" doc:"Shown only now; it works once" example:"7KQ2MXA9PD"`
	ExpiresAt time.Time `json:"expires_at"`
}

func (a *API) peopleRoutes() {
	staff := roles(member.MemberWorkStaff, member.PlatformAdmin)
	with := func(id, method, path, summary string, faults ...*fault.Fault) operation {
		return operation{id: id, method: method, path: path, summary: summary, tag: "名册", who: staff, faults: append(faults, member.ErrNotFound)}
	}
	read(a, with("member.list", http.MethodGet, "/v1/people", "本单位名册", errCursor), a.listPeople)
	a.personRoutes(with)
	read(a, with("member.read", http.MethodGet, "/v1/people/{id}", "查看一人"), func(ctx context.Context, in *IDInput) (personView, error) {
		p, err := a.people.Find(ctx, a.db, actorOf(ctx), in.ID)
		if err != nil {
			return personView{}, err
		}
		return a.personView(ctx, a.db, p)
	})
	may := func(ctx context.Context, id string) error {
		_, err := a.people.Find(ctx, a.db, actorOf(ctx), id)
		return err
	}
	mayID := func(ctx context.Context, in KeyedID) error { return may(ctx, in.ID) }
	act(a, with("member.phone", http.MethodPost, "/v1/people/{id}/phone", "更换手机号", member.ErrPhone, member.ErrPhoneTaken, member.ErrAdministrator),
		func(ctx context.Context, in phoneInput) error { return may(ctx, in.ID) },
		func(ctx context.Context, tx *store.Tx, in phoneInput) (doneView, error) {
			_, err := a.people.ChangePhone(ctx, tx, actorOf(ctx), in.ID, in.Body.Phone, a.now())
			return doneView{true}, err
		})
	act(a, with("member.suspend", http.MethodPost, "/v1/people/{id}/suspend", "停用账号", member.ErrSelf, member.ErrAdministrator, member.ErrLastAdministrator), mayID,
		func(ctx context.Context, tx *store.Tx, in KeyedID) (doneView, error) {
			return doneView{true}, a.people.Suspend(ctx, tx, actorOf(ctx), in.ID, a.now())
		})
	act(a, with("member.restore", http.MethodPost, "/v1/people/{id}/restore", "恢复账号", member.ErrAdministrator), mayID,
		func(ctx context.Context, tx *store.Tx, in KeyedID) (doneView, error) {
			return doneView{true}, a.people.Restore(ctx, tx, actorOf(ctx), in.ID, a.now())
		})
	invite := with("account.invite", http.MethodPost, "/v1/people/{id}/invite", "发邀请码", account.ErrStillBound, account.ErrNotPossible, member.ErrAdministrator)
	invite.secret = true
	act(a, invite, mayID,
		func(ctx context.Context, tx *store.Tx, in KeyedID) (invitationView, error) {
			code, inv, err := a.accounts.Invite(ctx, tx, actorOf(ctx), in.ID)
			return invitationView{code, local(inv.ExpiresAt)}, err
		})
	act(a, with("account.unbind", http.MethodPost, "/v1/people/{id}/unbind", "解除微信绑定", account.ErrNotFound, member.ErrAdministrator), mayID,
		func(ctx context.Context, tx *store.Tx, in KeyedID) (doneView, error) {
			return doneView{true}, a.accounts.Unbind(ctx, tx, actorOf(ctx), in.ID)
		})
}
