package api

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"yanlu/internal/audit"
	"yanlu/internal/fault"
	"yanlu/internal/institution"
	"yanlu/internal/member"
	"yanlu/internal/store"
)

// settingView is one thing that an institution may set.
type settingView struct {
	Name    string     `json:"name" example:"notify.quiet_hours"`
	Label   string     `json:"label" example:"免打扰时段"`
	Value   any        `json:"value" doc:"What holds now; its shape is the default's"`
	Default any        `json:"default"`
	SetAt   *time.Time `json:"set_at,omitempty" doc:"Absent while the default holds"`
}

type setSetting struct {
	Keyed
	Body struct {
		Name  string `json:"name" minLength:"1" maxLength:"60" example:"notify.quiet_hours" doc:"设置的名称"`
		Value any    `json:"value" example:"null" doc:"新的值，形式与默认值相同"`
	}
}

var errNoSetting = fault.New(fault.Invalid, "request.no_setting", "没有这项设置。")

func (a *API) settingRoutes() {
	const tag = "设置"
	staff := roles(member.InfoStaff, member.ProposalStaff, member.MemberWorkStaff, member.PlatformAdmin)
	read(a, operation{id: "setting.list", method: http.MethodGet, path: "/v1/settings", summary: "本单位的设置", tag: tag, who: staff},
		func(ctx context.Context, _ *none) (page[settingView], error) {
			values, err := institution.Settings(ctx, a.db, actorOf(ctx).InstitutionID, a.settings)
			p := page[settingView]{Items: []settingView{}}
			for _, v := range values {
				p.Items = append(p.Items, settingView{v.Name, v.Label, v.Value, v.Default, localOrNil(v.SetAt)})
			}
			return p, err
		})
	act(a, operation{
		id: "setting.set", method: http.MethodPost, path: "/v1/settings", summary: "修改设置", tag: tag, who: staff,
		faults: []*fault.Fault{errNoSetting, institution.ErrSetting},
	}, nil, func(ctx context.Context, tx *store.Tx, in setSetting) (doneView, error) {
		i := slices.IndexFunc(a.settings, func(s institution.AnySetting) bool {
			name, _, _ := s.Describe()
			return name == in.Body.Name
		})
		if i < 0 {
			return doneView{}, errNoSetting
		}
		audit.About(ctx, "setting:"+in.Body.Name, "")
		raw, err := json.Marshal(in.Body.Value)
		if err != nil {
			return doneView{}, errMalformed
		}
		return doneView{true}, institution.Set(tx, a.now(), actorOf(ctx).InstitutionID, a.settings[i], raw)
	})
}
