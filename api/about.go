package api

import (
	"context"
	"net/http"

	"yanlu/internal/institution"
)

// aboutView is what a client needs to know before anybody has logged in.
type aboutView struct {
	Version string `json:"version" example:"v1.0.0"`
	Demo    bool   `json:"demo" doc:"Everything here is made up: POST /demo/people/{id}/enter lets a browser in as one of GET /demo/people"`
	Name    string `json:"name,omitempty" example:"言城县政协" doc:"Of the institution, where there is one alone"`
}

func (a *API) aboutRoutes(version string) {
	read(a, operation{
		id: "about.read", method: http.MethodGet, path: "/v1/about", summary: "本系统", tag: "登录与身份", who: anybody,
	}, func(ctx context.Context, _ *none) (aboutView, error) {
		name, err := institution.OnlyName(ctx, a.db)
		return aboutView{version, a.demo, name}, err
	})
}
