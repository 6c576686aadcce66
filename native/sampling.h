// A row of logits → a token, or the log-probability of one. Each row alone, in one order; no threads.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace quatre {

constexpr int kLogitBlock = 256;  // logits that are looked at and summed up together

// What an instruction set provides; sampling.inl.h.
struct SamplingKernels {
    void (*block_maxima)(const float* x, int n, float* maxima);
    void (*weigh_logits)(const float* x, int n, float largest, float scale, float* weights, float* sums);
};

// How one row is drawn from. engine/sampler.py says what each means; temperature 0 is greedy, number is in [0, 1).
struct Draw {
    float temperature;
    float min_p;
    int top_k;
    double top_p;
    double number;
};

struct Scored {
    double logprob;
    int rank;                                 // from 1
    std::vector<std::pair<int, double>> top;  // token and logprob, likeliest first
};

// Memory that rows share.
class RowSampler {
  public:
    RowSampler(const SamplingKernels& kernels, int vocab);

    // The token, or -1 if the largest logit is not finite. Ties go to the lower id; NaN counts as never.
    int draw(const float* logits, const Draw& how);

    // The log-probability and rank of a token, and of the `count` likeliest.
    Scored score(const float* logits, int token, int count);

  private:
    void look(const float* logits);
    double weigh(float temperature);
    int first_largest() const;
    void collect(float least);
    void sort_candidates();
    void collect_likeliest(int count, float temperature);
    void collect_share(double wanted, float temperature);
    int pick_any(double number, double total) const;
    int pick_candidate(double number) const;
    void keep_share(double wanted);

    const SamplingKernels& kernels_;
    const int vocab_, blocks_;
    const float* x_ = nullptr;
    float largest_ = 0;
    std::vector<float> maxima_, weights_, sums_;
    std::vector<std::uint64_t> candidates_, spare_;  // the order of the logit, falling, above the id
};

}  // namespace quatre
