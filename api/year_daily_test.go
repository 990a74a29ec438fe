package api_test

import (
	"net/http"
	"slices"

	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/notify"
	"yanlu/internal/store"
)

// roster suspends and restores people, and takes and gives telephones.
func (y *year) roster() {
	y.T.Helper()
	admin := one(y.r, y.of(func(p *someone) bool { return p.Is(member.PlatformAdmin) }))
	of := y.of(func(p *someone) bool {
		return p.InstitutionID == admin.InstitutionID && !p.Is(member.PlatformAdmin) && p.token != ""
	})
	suspended := y.of(func(p *someone) bool { return p.suspended })
	unbound := y.of(func(p *someone) bool { return !p.bound && p.token != "" && !p.suspended })
	if len(suspended) > 2 {
		of = slices.DeleteFunc(suspended, func(p *someone) bool { return p.InstitutionID != admin.InstitutionID })
	}
	if len(of) == 0 {
		return
	}
	p := one(y.r, of)
	path := "/v1/people/" + p.PersonID
	switch {
	case p.suspended:
		y.call(admin, http.MethodPost, path+"/restore", nil, "").Want(y.T, http.StatusOK)
		p.suspended = false
	case len(unbound) > 0 && y.r.IntN(2) == 0:
		p = one(y.r, unbound)
		y.say("%s binds a telephone", p.name)
		y.bind(p)
	case p.bound && y.r.IntN(2) == 0:
		y.call(admin, http.MethodPost, path+"/unbind", nil, "").Want(y.T, http.StatusOK)
		p.bound = false
	default:
		y.call(admin, http.MethodPost, path+"/suspend", nil, "").Want(y.T, http.StatusOK)
		p.suspended = true
	}
}

// readInbox lets somebody read their messages.
func (y *year) readInbox() {
	y.T.Helper()
	p := one(y.r, y.acting())
	var box struct {
		Items []struct {
			ID       string
			MatterID string `json:"matter_id"`
		}
	}
	y.get(p, "/v1/inbox?unread=true", &box)
	if len(box.Items) == 0 {
		return
	}
	m := one(y.r, box.Items)
	switch y.r.IntN(3) {
	case 0:
		y.call(p, http.MethodPost, "/v1/inbox/"+m.ID+"/read", nil, "").Want(y.T, http.StatusOK)
	case 1:
		y.call(p, http.MethodPost, "/v1/inbox/read", map[string]any{"up_to": m.ID}, "").Want(y.T, http.StatusOK)
	default:
		y.call(p, http.MethodPost, "/v1/inbox/read", map[string]any{"matter_id": m.MatterID}, "").Want(y.T, http.StatusOK)
	}
}

// undelivered lets staff call somebody, or send again.
func (y *year) undelivered() {
	y.T.Helper()
	who := y.acting(member.InfoStaff, member.ProposalStaff)
	if len(who) == 0 {
		return
	}
	p := one(y.r, who)
	var list struct{ Items []struct{ ID string } }
	y.get(p, "/v1/undelivered", &list)
	if len(list.Items) == 0 {
		return
	}
	path := "/v1/undelivered/" + one(y.r, list.Items).ID
	if y.r.IntN(2) == 0 {
		a := y.call(p, http.MethodPost, path+"/resend", nil, "")
		y.doneOrRefused(p, "undelivered.resend", a, http.StatusOK)
		return
	}
	a := y.call(p, http.MethodPost, path+"/told", map[string]any{"note": "本人接听。"}, "")
	y.doneOrRefused(p, "undelivered.told", a, http.StatusOK)
}

// reassign passes on what a colleague has.
func (y *year) reassign() {
	y.T.Helper()
	who := y.acting(member.InfoStaff, member.ProposalStaff)
	if len(who) == 0 {
		return
	}
	p := one(y.r, who)
	all := y.idsOf(p.InstitutionID, member.InfoStaff, "")
	a := y.call(p, http.MethodPost, "/v1/work/reassign", map[string]any{"from": one(y.r, all), "to": one(y.r, all)}, "")
	y.doneOrRefused(p, "work.reassign", a, http.StatusOK)
}

// grant lets somebody allow messages, so that some pushes go out. The platform
// may know of more consents than the program, or of fewer.
func (y *year) grant() {
	y.T.Helper()
	p := one(y.r, y.acting())
	for _, e := range notify.Events() {
		id, n := "template-"+string(e), 1+y.r.IntN(5)
		y.Sim.Grant(p.openID, id, max(0, n+y.r.IntN(5)-2))
		consents := slices.Repeat([]map[string]any{{"template_id": id, "accepted": true}}, n)
		y.call(p, http.MethodPost, "/v1/grants", map[string]any{"consents": consents}, "").Want(y.T, http.StatusOK)
	}
}

// publish lets all members see a matter, which no route does yet: also a draft,
// which they must not see all the same.
func (y *year) publish() {
	y.T.Helper()
	if len(y.now.matters) == 0 {
		return
	}
	x := one(y.r, y.now.matters)
	drafts := slices.DeleteFunc(slices.Clone(y.now.matters), func(x matter.Matter) bool { return x.Status != matter.Draft })
	if len(drafts) > 0 && y.r.IntN(2) == 0 {
		x = one(y.r, drafts)
	}
	y.say("%s is for all members to see", x.ID)
	y.Write(func(tx *store.Tx) error {
		tx.Exec("UPDATE matters SET visibility = ? WHERE id = ?", matter.Members, x.ID)
		return nil
	})
	y.observe()
	if wrong := y.sight(one(y.r, y.acting(member.Member)), 3); len(wrong) > 0 {
		y.fail(wrong...)
	}
}
