// Products on checked arguments: inputs prepared, work cut into pieces, run on the pool. Knows no instruction set.
#pragma once

#include <vector>

#include "context.h"
#include "matrix.h"

namespace quatre {

// Inputs of products, prepared once per call and kept in memory that outlives it.
struct InputSpace {
    Buffer numbers, scales, extra;
};

// Tokens that meet the same weights, tiled together.
struct Span {
    int first;
    Tiles tiles;
};

// Rows of x as `format` wants its inputs; spans follow one another without gaps. Input i is row row_of[i], or row i if
// row_of is null.
Inputs prepare(const Context&, InputFormat format, const float* x, const int* row_of, const std::vector<Span>& spans,
               int cols, InputSpace& space);

// A part of a product that one thread does: some panels against some tiles of a span.
struct Piece {
    int span, panel, panel_end, tile, tile_end;
};

// Pieces that cover `w` times one span, in an order that leaves tokens in the cache while panels pass by.
void cut(const Context&, const Panels& w, const Tiles& tiles, int span, std::vector<Piece>& pieces);

// out [tokens, rows] = (residual +) x · wᵀ
struct Product {
    Panels w;
    Inputs x;
    const float* residual;  // or null
    float* out;
};
void multiply_all(const Context&, const std::vector<Product>& products, int tokens);
void linear(const Context&, const Panels& w, const Inputs& x, int tokens, const float* residual, float* out);

// How a product of `weights` with unrounded inputs wants them.
InputFormat exact_inputs(const PanelFormat& weights);

}  // namespace quatre
